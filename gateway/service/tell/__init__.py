"""Telling: messages that the gateway publishes about commits, alerts and line statuses."""
