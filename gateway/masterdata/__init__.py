"""Master data: tables that people maintain, read strictly, checked as a whole, and built into the engine's snapshot."""
