"""Known-wrong changes of what is counted, how it is rounded and valued, and what waits."""

from tests.known_wrong.wrong import Edit, Wrong

OF_THE_FIGURES = (
    Wrong(
        "an account drops its remainder when it posts",
        12,
        (Edit("gateway/backflush/memory/balance.py", "self._rest -= quantity * self._base\n", "self._rest = 0\n"),),
        "tests/properties/test_laws.py -k exact_total",
        quick=True,
    ),
    Wrong(
        "a fixed item is charged by each list that comes",
        12,
        (Edit("gateway/backflush/memory/balance.py", "        if self.document:\n            return 0\n", ""),),
        "tests/unit/backflush/test_explosion.py -k 'charge_no_fixed_item or once_per_lot'",
        quick=True,
    ),
    Wrong(
        "an import looks at nothing that waits for its value",
        8,
        (Edit("gateway/backflush/posting/prices.py", "if sum(worth.values()) < LIMIT:", "if worth is not None:"),),
        "tests/unit/backflush/test_amounts.py",
        quick=True,
    ),
    Wrong(
        "what waits of a report is not withdrawn with it",
        3,
        (Edit("gateway/backflush/reversal/withdrawal.py", "    if not rest.units:\n", "    if rest is not None:\n"),),
        "tests/properties/test_withdrawal_laws.py -k nothing_is_left",
    ),
    Wrong(
        "late totals are believed to be late for ever",
        5,
        (
            Edit(
                "gateway/backflush/values/counting.py",
                "    if not late or mark.strays.late != LATE_IN_A_ROW:\n",
                "    if mark.strays is not None:\n",
            ),
        ),
        "tests/unit/backflush/test_counters_that_begin_again.py -k vanish",
        quick=True,
    ),
    Wrong(
        "a time that is not believed orders totals",
        13,
        (
            Edit(
                "gateway/backflush/inputs/readings.py",
                "    if reading.ts is not None and reading.ts != at:\n",
                "    if reading.ts is None:\n",
            ),
        ),
        "tests/unit/backflush/test_counters_that_begin_again.py -k vanish",
        quick=True,
    ),
    Wrong(
        "a scan's own time is no part of its name",
        3,
        (Edit("gateway/backflush/inputs/identities.py", 'f"at {said.ts} {', 'f"at {'),),
        "tests/unit/backflush/test_scan_identity.py -k comes_again",
        quick=True,
    ),
    Wrong(
        "a request needs no name",
        3,
        (Edit("gateway/service/fold/decode.py", " if request.transaction else _NAMELESS", ""),),
        "tests/cases/test_scans.py -k transaction",
    ),
    Wrong(
        "what requests are allowed is no entry of the journal",
        20,
        (
            Edit(
                "gateway/backflush/step.py",
                "before, state.rules = judges(state), event.rules\n",
                "before, state.rules = judges(state), event.rules._replace(requests=state.rules.requests)\n",
            ),
        ),
        "tests/cases/test_deep_audit.py -k other_settings",
    ),
)
