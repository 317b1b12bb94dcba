"""Checks across rows and tables."""
