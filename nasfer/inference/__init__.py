"""Trained networks at work: prepared images, probabilities, metrics, latency."""
