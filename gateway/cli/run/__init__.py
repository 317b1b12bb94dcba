"""Commands that run the gateway and prepare what it needs."""
