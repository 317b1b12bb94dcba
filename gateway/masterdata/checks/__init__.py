"""Checks of tables as a whole: what no row can know of itself."""
