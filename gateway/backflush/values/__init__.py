"""Values: quantities, points, counters, documents. None knows how another one is used."""
