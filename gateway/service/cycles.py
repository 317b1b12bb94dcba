"""Cycles of objects, which Python searches for: rarely, and not among what stays."""

import gc


def search_rarely() -> None:
    """Have Python search its objects for cycles rarely.

    Objects that are loaded stay, and those of a message die by reference: the search would take a third of a report's
    time, a quarter of a running gateway's, and more with ten thousand devices. The rows of a large commit live until
    it is written, a hundred thousand at once: a search that begins below that looks at each of them for nothing.
    """
    gc.set_threshold(500_000, 20, 100)


def keep_loaded() -> None:
    """Leave all objects that are loaded by now out of the search: they stay."""
    gc.collect()
    gc.freeze()
