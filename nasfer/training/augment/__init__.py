"""Random changes of a batch: geometry, colour, mixing."""
