"""Commands that run the gateway, and prepare and examine it."""
