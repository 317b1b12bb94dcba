"""Journal entries: their kinds, and what each kind holds beside its payload."""

from gateway.journal import Batch, Entry

MESSAGE, WAITED, REFUSED, COMMAND, SETTINGS = "message", "waited", "refused", "command", "settings"


IMPORT, AMENDMENT, CLOCK = "import", "amendment", "clock"
"""The kinds of journal entries. `amendment` is what an import changes, `import` is one of the first releases, which
replaced whole tables; `waited` is a scan that the broker may have kept for a while, `refused` one whose
sender was told that it is not stored; `clock`, always the first of its batch, is what the machine's clock said when it
was in doubt (`times.Steady`).
"""


MESSAGES = frozenset({MESSAGE, WAITED, REFUSED})


MAX_PAYLOAD = 64 * 1024


KEPT_OF_OVERSIZE = 1024


def clock_entry(at: int) -> Entry:
    """Make the entry that says what the machine's clock says, microseconds UTC."""
    return Entry(CLOCK, "", str(at).encode())


def beside_of(batch: Batch) -> int | None:
    """Return what the machine's clock said beside the time of a batch; None where there was no doubt."""
    return int(batch.entries[0].payload) if batch.entries and batch.entries[0].kind == CLOCK else None


def is_scan(entry: Entry) -> bool:
    """Say whether somebody waits for feedback on an entry."""
    return entry.kind in (MESSAGE, WAITED) and entry.topic.endswith("/scan")
