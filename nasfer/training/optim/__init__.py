"""Optimisers, schedules of the learning rate, the average of weights."""
