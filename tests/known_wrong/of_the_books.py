"""Known-wrong changes of what is counted, posted, kept and shown: engine, ledger, commands."""

from tests.known_wrong.wrong import Edit, Wrong

CORE = "tests/simulation/test_core.py"
POWER = "tests/simulation/test_power.py"
WRITERS = "tests/integration/test_ledger_writers.py"

OF_THE_BOOKS = (
    Wrong(
        "device marks are written in another transaction",
        3,
        (
            Edit("gateway/ledger/store/commit.py", "    _write_devices(bulk, changes, after.ordinal)\n", ""),
            Edit(
                "gateway/ledger/store/writer.py",
                "        reach(Point.COMMITTED)\n",
                "        reach(Point.COMMITTED)\n"
                "        from gateway.ledger.store.commit import _write_devices\n"
                "        with self._writes() as bulk:\n"
                "            _write_devices(bulk, changes, commit.after.ordinal)\n",
            ),
        ),
        f"{CORE} -k committed",
    ),
    Wrong(
        "marks are written in another transaction",
        7,
        (
            Edit("gateway/ledger/store/commit.py", "    _write_flows(bulk, changes, state, commit.revisions)\n", ""),
            Edit(
                "gateway/ledger/store/writer.py",
                "        reach(Point.COMMITTED)\n",
                "        reach(Point.COMMITTED)\n"
                "        from gateway.ledger.store.commit import _write_flows\n"
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
                "gateway/ledger/store/writer.py",
                "            with self._writes() as bulk:\n                write(bulk, commit,",
                "            with self._writes() as bulk:\n"
                "                bulk.change('UPDATE heads SET journal_offset = ? WHERE ordinal = ?',"
                " [(offset, self._claimed.ordinal)])\n"
                "            with self._writes() as bulk:\n                write(bulk, commit,",
            ),
        ),
        f"{CORE} -k commit",
    ),
    Wrong(
        "a scan is known by its id, whatever it says",
        4,
        (
            Edit(
                "gateway/backflush/inputs/scans.py",
                "    if seen is not None and seen.content.removeprefix(_DOUBT) != content:\n",
                '    if seen is not None and seen.content == "":\n',
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
                "gateway/backflush/values/counting.py",
                "    if rule.modulus is not None and total < rule.modulus:\n",
                "    if rule.modulus is None:\n"
                '        return Step("counted", total)\n'
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
                "gateway/backflush/inputs/readings.py",
                "        if all(kind in marks and reaches(marks[kind], units, start, modulus)"
                " for kind, units, start in cover.totals):\n",
                "        if marks or reaches or modulus is None:\n",
            ),
        ),
        "tests/unit/backflush/test_totals.py -k healed",
        quick=True,
    ),
    Wrong(
        "the ledger is not synced at each commit",
        8,
        (
            Edit(
                "gateway/ledger/database/connection.py", '"PRAGMA synchronous = FULL"', '"PRAGMA synchronous = NORMAL"'
            ),
        ),
        POWER,
    ),
    Wrong(
        "a writer reads before it has the lock",
        9,
        (Edit("gateway/ledger/database/connection.py", '"BEGIN" if read_only else "BEGIN IMMEDIATE"', '"BEGIN"'),),
        f"{WRITERS} tests/integration/test_two_gateways.py tests/integration/test_ledger_commits.py -k sqlite",
    ),
    Wrong(
        "shared rows are written in any order",
        9,
        (
            Edit(
                "gateway/ledger/store/commit.py",
                "for key in sorted(changed)], conflict)",
                "for key in __import__('random').sample(list(changed), len(changed))], conflict)",
            ),
        ),
        f"{WRITERS} -k order_of_their_keys",
    ),
    Wrong(
        "the head is advanced without looking",
        19,
        (
            Edit(
                "gateway/ledger/store/commit.py",
                "WHERE ordinal = ? AND sequence = ? AND {NEWEST}",
                "WHERE ordinal = ? AND ? >= 0 AND {NEWEST}",
            ),
        ),
        f"{WRITERS} -k 'sqlite and (takes or ghost)'",
        quick=True,
    ),
    Wrong(
        "nobody looks whether another gateway has used stock up",
        9,
        (Edit("gateway/ledger/store/commit.py", "    _guard(bulk, changes)\n", ""),),
        f"{WRITERS} -k 'used_up and sqlite'",
    ),
    Wrong(
        "nobody looks whether another gateway has imported master data",
        19,
        (Edit("gateway/ledger/store/commit.py", "AND {NEWEST} = ?", "AND {NEWEST} >= ?"),),
        "tests/integration/test_stored_imports.py -k 'steps_again and sqlite'",
    ),
    Wrong(
        "a period is closed beside a document under way",
        13,
        (Edit("gateway/ledger/store/commit.py", "    if changes.periods or", "    if"),),
        f"{WRITERS} -k period_that_is_closed",
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
                "gateway/backflush/values/quantities.py",
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
                "gateway/backflush/memory/balance.py",
                "        self._rest -= quantity * self._base\n",
                "        self._rest = 0\n",
            ),
        ),
        "tests/unit/backflush/test_worked_cases.py -k 3333",
        quick=True,
    ),
    Wrong(
        "a quarantine entry is replayed as often as somebody asks",
        14,
        (
            Edit(
                "gateway/backflush/inputs/upkeep.py",
                '        elif entry.state != "open":\n            results[format_number(number)] = entry.state\n',
                "        elif False:\n            pass\n",
            ),
        ),
        "tests/unit/backflush/test_commands.py -k 'booked_once_by_replay'",
    ),
    Wrong(
        "a transaction is worked on as often as it comes",
        4,
        (
            Edit(
                "gateway/backflush/inputs/commands.py",
                "        if known is not None:\n            digest",
                "        if known is None and turn is None:\n            digest",
            ),
        ),
        "tests/unit/backflush/test_commands.py -k answered_once",
    ),
    Wrong(
        "what a scanner read last is forgotten by a restart",
        3,
        (
            Edit(
                "gateway/ledger/store/commit.py",
                "    _put(bulk, t.last_scans, changes.last_scans, row_values.last_scan_row)\n",
                "",
            ),
        ),
        "tests/integration/test_ledger_commits.py -k 'next_start_loads and sqlite'",
    ),
    Wrong(
        "a scan's id is forgotten by a restart",
        3,
        (
            Edit(
                "gateway/ledger/store/commit.py",
                "    _put(bulk, t.scans, changes.scans, row_values.scan_row, _KEEP)\n",
                "",
            ),
        ),
        "tests/integration/test_ledger_commits.py -k 'needs_are_answered and sqlite'",
    ),
    Wrong(
        "a live lease is taken over",
        19,
        (Edit("gateway/ledger/store/leases.py", "else lease.until <= now):\n", "else True):\n"),),
        f"{WRITERS} -k 'do_not_own_one_line and sqlite'",
    ),
    Wrong(
        "leases are not renewed",
        19,
        (
            Edit(
                "gateway/ledger/store/writer.py",
                "        return 0 if 0 <= until - self._until < self._ttl // 3 else until",
                "        return 0 * until",
            ),
        ),
        f"{WRITERS} -k 'renewed and sqlite'",
    ),
    Wrong(
        "shared stock is written over",
        9,
        (
            Edit(
                "gateway/ledger/store/commit.py",
                "    _put(bulk, t.stock, changes.stock, _flat, _ADD)\n",
                "    _put(bulk, t.stock, changes.stock, _flat, _REPLACE)\n",
            ),
        ),
        "tests/integration/test_ledger_commits.py -k 'differences_add_up and sqlite'",
    ),
    Wrong(
        "text is ordered as the database's language has it",
        9,
        (Edit("gateway/ledger/migrations/versions/0001_ledger.py", 'sa.Text(collation="C")', "sa.Text()"),),
        "tests/integration/test_ledger_commits.py -k 'code_points and postgresql'",
    ),
    Wrong(
        "history may be replaced",
        11,
        (
            Edit(
                "gateway/ledger/database/connection.py",
                '"PRAGMA recursive_triggers = ON"',
                '"PRAGMA recursive_triggers = OFF"',
            ),
        ),
        "tests/integration/test_ledger_schema.py -k 'history and sqlite'",
    ),
    Wrong(
        "a payload may speak for another device",
        15,
        (
            Edit(
                "gateway/backflush/inputs/senders.py",
                "    if claimed is not None and claimed != name:\n",
                "    if claimed is not None and not name:\n",
            ),
        ),
        "tests/integration/test_bad_input.py -k ends_in_quarantine",
    ),
    Wrong(
        "escapes of a stranger reach the terminal",
        16,
        (
            Edit(
                "gateway/ledger/reports/cells.py",
                "    if text.isprintable():\n        return text\n",
                "    if text:\n        return text\n",
            ),
        ),
        "tests/unit/cli/test_output.py -k terminal",
    ),
    Wrong(
        "a restore replaces accounts that a web process has open",
        21,
        (
            Edit(
                "gateway/service/local/backup.py",
                "            refuse_open_accounts(settings.accounts_path)\n",
                "            pass\n",
            ),
        ),
        "tests/integration/test_backup_accounts.py -k come_back",
    ),
    Wrong(
        "a backup's ledger is copied when its figures were read",
        21,
        (Edit("gateway/ledger/database/copies.py", ', f"--snapshot={moment}"', ""),),
        "tests/integration/test_backup.py -k 'under_load and postgresql'",
    ),
    Wrong(
        "the audit believes the chain",
        20,
        (
            Edit(
                "gateway/ledger/audit/history.py",
                "        if chain_content(self._rows) != batch.content:\n",
                "        if not batch.content:\n",
            ),
        ),
        "tests/integration/test_audit.py -k behind_its_back",
    ),
    Wrong(
        "the hash of a commit does not cover the one before",
        20,
        (
            Edit(
                "gateway/ledger/store/commit.py",
                "chain_link(before.chain, content, facts)",
                'chain_link("", content, facts)',
            ),
        ),
        "tests/integration/test_ledger_commits.py -k hash_chain",
    ),
)
