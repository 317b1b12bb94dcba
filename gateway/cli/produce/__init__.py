"""Commands that report, correct and close production."""
