"""Folding: journal entries are decoded, stepped and committed, in a thread of their own."""
