"""Reversal: documents are taken back, in whole or in part."""
