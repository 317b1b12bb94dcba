"""The engine: pure, synchronous, total. It knows values only: no I/O, no clock, no chance, no framework."""
