"""Posting: what was reported becomes documents, items, worklist and backlog."""
