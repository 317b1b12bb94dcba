"""Reversal: documents taken back, whole or in part."""
