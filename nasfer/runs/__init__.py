"""Runs on disk: the folder, its files and its records."""
