"""Telling: what a commit, an alert or a line status makes the gateway publish."""
