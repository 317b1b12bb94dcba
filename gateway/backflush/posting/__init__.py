"""Posting: reports become documents, items, worklist and backlog."""
