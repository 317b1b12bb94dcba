"""Inputs: one room for each kind of message or request."""
