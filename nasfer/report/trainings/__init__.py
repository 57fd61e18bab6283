"""What a training leaves: confusion matrix, curves, the table of classes."""
