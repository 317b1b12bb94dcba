"""Receiving: the broker's session, and the way from a message into the journal."""
