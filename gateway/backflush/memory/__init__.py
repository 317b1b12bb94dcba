"""Memory: the engine's state, its input (events, facts) and its output (changes)."""
