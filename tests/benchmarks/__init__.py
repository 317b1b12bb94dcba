"""The benchmark: `make bench`, `backflush bench` or `python -m tests.benchmarks`."""
