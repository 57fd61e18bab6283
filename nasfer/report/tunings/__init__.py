"""What a tuning leaves: the table of trained candidates, front, page, correlations."""
