"""Memory: what the engine remembers, what it is told, and what it hands out."""
