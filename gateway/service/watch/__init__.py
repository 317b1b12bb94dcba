"""Watching: the host, the broker, the gateway's own health, and its log."""
