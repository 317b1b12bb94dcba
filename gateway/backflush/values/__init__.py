"""Values: quantities, points, counters, documents. They know nothing of each other's use."""
