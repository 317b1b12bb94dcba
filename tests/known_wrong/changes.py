"""Changes that are known to be wrong, each with the promise that it breaks and the test that has to notice.

A change replaces a text that stands exactly once in its file, so that one that no longer applies is noticed as well.
"""

from typing import NamedTuple


class Edit(NamedTuple):
    """One replacement."""

    file: str
    right: str
    wrong: str


class Wrong(NamedTuple):
    """One wrong change."""

    name: str
    promise: int
    """The number of the promise, as in docs/reliability.md."""
    edits: tuple[Edit, ...]
    test: str
    """The arguments of pytest; it has to fail."""
    environment: tuple[tuple[str, str], ...] = ()
    quick: bool = False
    """It takes a moment only, and is tried by every `make test`."""


CORE = "tests/simulation/test_core.py"
POWER = "tests/simulation/test_power.py"
PUBLISHER = "tests/unit/service/test_publisher.py"
WRITERS = "tests/integration/test_ledger_writers.py"
SOME_SEEDS = (("SIMULATION_SEEDS", "12"),)

KNOWN_WRONG = (
    Wrong(
        "a message is acknowledged before it is in the journal",
        1,
        (
            Edit(
                "gateway/service/front.py",
                "        entries = [a.entry for a in taken if a.entry is not None]\n",
                "        entries = [a.entry for a in taken if a.entry is not None]\n"
                "        for a in taken:\n"
                "            if a.epoch:\n"
                "                self._acknowledge(a.epoch, [a.mid])\n",
            ),
        ),
        f"{CORE} -k [1]",
        quick=True,
    ),
    Wrong(
        "a packet id of an earlier connection is acknowledged",
        1,
        (
            Edit(
                "gateway/mqtt/client.py",
                "if epoch == self.epoch and self._link is not None:",
                "if self._link is not None:",
            ),
        ),
        "tests/integration/test_mqtt_client.py -k earlier_connections",
    ),
    Wrong(
        "device marks are written in another transaction",
        3,
        (
            Edit("gateway/ledger/commit.py", "    _write_devices(bulk, changes)\n", ""),
            Edit(
                "gateway/ledger/store.py",
                "        passed(Point.COMMITTED)\n",
                "        passed(Point.COMMITTED)\n"
                "        from gateway.ledger.commit import _write_devices\n"
                "        with self._writes() as bulk:\n"
                "            _write_devices(bulk, changes)\n",
            ),
        ),
        f"{CORE} -k committed",
    ),
    Wrong(
        "marks are written in another transaction",
        7,
        (
            Edit("gateway/ledger/commit.py", "    _write_flows(bulk, changes, state, commit.revisions)\n", ""),
            Edit(
                "gateway/ledger/store.py",
                "        passed(Point.COMMITTED)\n",
                "        passed(Point.COMMITTED)\n"
                "        from gateway.ledger.commit import _write_flows\n"
                "        with self._writes() as bulk:\n"
                "            _write_flows(bulk, changes, self._state, commit.revisions)\n",
            ),
        ),
        f"{CORE} -k committed",
    ),
    Wrong(
        "the journal's offset is written before what was read up to it",
        3,
        (
            Edit(
                "gateway/ledger/store.py",
                "        with self._writes() as bulk:\n            write(bulk, commit,",
                "        with self._writes() as bulk:\n"
                "            bulk.change('UPDATE heads SET journal_offset = ? WHERE ordinal = ?',"
                " [(offset, self._claimed.ordinal)])\n"
                "        with self._writes() as bulk:\n            write(bulk, commit,",
            ),
        ),
        f"{CORE} -k commit",
    ),
    Wrong(
        "a scan is known by its id, whatever it says",
        4,
        (
            Edit(
                "gateway/backflush/scans.py",
                "            if seen.content == content:\n",
                "            if seen.content:\n",
            ),
        ),
        "tests/unit/backflush/test_scans.py -k another_content",
        quick=True,
    ),
    Wrong(
        "a total that goes back is taken for a reset",
        5,
        (
            Edit(
                "gateway/backflush/counting.py",
                "    if rule.modulus is not None and total < rule.modulus:\n",
                "    if rule.modulus is None:\n"
                "        return Step(Verdict.COUNTED, total)\n"
                "    if rule.modulus is not None and total < rule.modulus:\n",
            ),
        ),
        "tests/unit/backflush/test_counting.py -k against_its_mark",
        quick=True,
    ),
    Wrong(
        "an entry in quarantine is healed by any total",
        2,
        (
            Edit(
                "gateway/backflush/readings.py",
                "        if all(kind in marks and reaches(marks[kind], units, start, modulus)"
                " for kind, units, start in cover.totals):\n",
                "        if marks or reaches or modulus is None:\n",
            ),
        ),
        "tests/unit/backflush/test_counting.py -k healed",
        quick=True,
    ),
    Wrong(
        "the journal is not synced at each commit",
        8,
        (Edit("gateway/journal/file.py", '"PRAGMA synchronous = FULL"', '"PRAGMA synchronous = NORMAL"'),),
        POWER,
    ),
    Wrong(
        "the ledger is not synced at each commit",
        8,
        (Edit("gateway/ledger/database.py", '"PRAGMA synchronous = FULL"', '"PRAGMA synchronous = NORMAL"'),),
        POWER,
    ),
    Wrong(
        "the name of a new data folder is not synced",
        8,
        (
            Edit(
                "gateway/journal/file.py",
                "                    sync_folder(path.absolute().parent.parent)\n",
                "                    pass\n",
            ),
        ),
        POWER,
    ),
    Wrong(
        "a writer reads before it has the lock",
        9,
        (Edit("gateway/ledger/database.py", '"BEGIN" if read_only else "BEGIN IMMEDIATE"', '"BEGIN"'),),
        f"{WRITERS} tests/integration/test_two_gateways.py tests/integration/test_ledger_commits.py -k sqlite",
    ),
    Wrong(
        "shared rows are written in any order",
        9,
        (
            Edit(
                "gateway/ledger/commit.py",
                "for key, value in sorted(pairs)]",
                "for key, value in __import__('random').sample(list(pairs), len(list(pairs)))]",
            ),
        ),
        f"{WRITERS} -k order_of_their_keys",
    ),
    Wrong(
        "the head is advanced without looking",
        19,
        (
            Edit(
                "gateway/ledger/commit.py",
                '" at = ? WHERE ordinal = ? AND sequence = ?"',
                '" at = ? WHERE ordinal = ? AND ? >= 0"',
            ),
        ),
        f"{WRITERS} -k 'sqlite and (takes or ghost)'",
        quick=True,
    ),
    Wrong(
        "nobody looks whether another gateway has used stock up",
        9,
        (Edit("gateway/ledger/commit.py", "    _guard(bulk, changes)\n", ""),),
        f"{WRITERS} -k 'used_up and sqlite'",
    ),
    Wrong(
        "history may be changed",
        11,
        (Edit("gateway/ledger/migrations/versions/0001_ledger.py", '("UPDATE", "DELETE")', '("DELETE",)'),),
        "tests/integration/test_ledger_schema.py -k 'history and sqlite'",
        quick=True,
    ),
    Wrong(
        "quantities are floats",
        12,
        (
            Edit(
                "gateway/backflush/quantities.py",
                "    return (2 * units * numerator + divisor) // (2 * divisor) * step\n",
                "    return int(units * (numerator / divisor) + 0.5) * step\n",
            ),
        ),
        "tests/properties/test_laws.py -k exact_where",
        quick=True,
    ),
    Wrong(
        "each document is rounded by itself",
        12,
        (
            Edit(
                "gateway/backflush/explosion.py",
                "            below, above = item.quantity(low), item.quantity(high)\n",
                "            below, above = 0, item.quantity(high - low)\n",
            ),
        ),
        "tests/unit/backflush/test_worked_cases.py -k 3333",
        quick=True,
    ),
    Wrong(
        "batches are folded in another order",
        3,
        (
            Edit(
                "gateway/service/pump.py",
                "            for batch in batches:\n",
                "            for batch in reversed(list(batches)):\n",
            ),
        ),
        CORE,
        SOME_SEEDS,
    ),
    Wrong(
        "a scanner is told ok before the commit",
        8,
        (Edit("gateway/service/waiting.py", '"queued", Reason.QUEUED', '"ok", Reason.OK'),),
        CORE,
        SOME_SEEDS,
    ),
    Wrong(
        "events count as arrived when they are sent",
        8,
        (
            Edit(
                "gateway/service/publisher.py",
                "        self._sent, self._half = number, _NONE\n",
                "        self._sent, self._half = number, _NONE\n        self._set_cursor(number)\n",
            ),
        ),
        PUBLISHER,
        quick=True,
    ),
    Wrong(
        "what was lost while the outbox was read is left out",
        8,
        (Edit("gateway/service/publisher.py", "            if after != self._sent:\n", "            if after < 0:\n"),),
        PUBLISHER,
        quick=True,
    ),
    Wrong(
        "what was committed while the outbox was read waits for the next document",
        8,
        (
            Edit(
                "gateway/service/publisher.py",
                "        elif newest % HEAD_STRIDE < documents:\n",
                "        elif posted:\n",
            ),
            Edit(
                "gateway/service/publisher.py",
                "                if after % HEAD_STRIDE < self._documents:\n",
                "                if after < 0:\n",
            ),
        ),
        PUBLISHER,
        quick=True,
    ),
    Wrong(
        "the hash of a commit does not cover the one before",
        20,
        (Edit("gateway/ledger/commit.py", "chain_link(before.chain, content)", 'chain_link("", content)'),),
        "tests/integration/test_ledger_commits.py -k hash_chain",
    ),
)
