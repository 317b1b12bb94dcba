"""Journal entries: their kinds, and the data of each kind besides its payload."""

from gateway.journal import Entry, JournalBatch

MESSAGE, WAITED, REFUSED, COMMAND, SETTINGS = "message", "waited", "refused", "command", "settings"
IMPORT, AMENDMENT, CLOCK = "import", "amendment", "clock"
"""The kinds of journal entries. `amendment` holds the changes of an import, `import` is one of the first releases,
which replaced whole tables; `waited` is a scan that the broker may have kept for a while, `refused` one that was
answered *not stored*; `clock`, always the first of its batch, is the time of the machine's clock when it was in doubt
(`times.SteadyClock`).
"""
MESSAGES = frozenset({MESSAGE, WAITED, REFUSED})
MAX_PAYLOAD = 64 * 1024
KEPT_OF_OVERSIZE = 1024


def clock_entry(at: int) -> Entry:
    """Make the entry with the time of the machine's clock, microseconds UTC."""
    return Entry(CLOCK, "", str(at).encode())


def beside_of(batch: JournalBatch) -> int | None:
    """Return the machine's time next to that of a batch; None if there was no doubt."""
    return int(batch.entries[0].payload) if batch.entries and batch.entries[0].kind == CLOCK else None


def is_scan(entry: Entry) -> bool:
    """Return whether a scanner waits for feedback on an entry."""
    return entry.kind in (MESSAGE, WAITED) and entry.topic.endswith("/scan")
