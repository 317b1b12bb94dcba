"""Eviction: the part of the ledger that stays in memory; the rest is read again before it is touched.

A plant makes lots, shifts and sales orders for years, and nearly all of them are finished. So a name is in memory with
everything that belongs to it, or not at all:

    a scope         a lot or a shift: the balances and accounts of its fixed items
    a cost object   a sales order or a lot that bears cost: its flows, their balances and accounts
    an explosion    frozen content
    a line's runs   all that are in force at a time or later
    a device's life all its marks (`boot`)

Make-to-stock flows and their balances are always there, and the newest lives of each device. The names of the records
that a step touches follow from its input, the run and the time; so they are read by name before it (`prefetch`), and
`evict` drops everything that is not pinned.

Laws
    whether something is in memory never changes a result
    records that open windows, waiting units and the update worker rest on are in memory (`find_pinned`)
    a flow that is read brings its balances of the scopes in memory: another gateway may have made them meanwhile
    access to an evicted record is a broken invariant, not a miss: see `Books`
    a load reads make-to-stock and pinned records only, however old the ledger is
"""

from gateway.backflush.memory.balance import scope_of
from gateway.backflush.memory.changes import Facts, Needs
from gateway.backflush.memory.state import State, days_before, month_before
from gateway.backflush.plant.schedules import DAY_US
from gateway.backflush.values.counting import CounterPosition

MORE = 5_000
"""Finished records are dropped once a day, and after this many new ones."""
MOST_RESOLVED = 50_000
"""The bound of derived values, which are found again."""
LIVES = 4
"""The lives of a device that are kept per kind of total."""
_HEAVY = 10
"""The number of balances that take as much room as one explosion."""


def find_pinned(state: State) -> Needs:
    """Name the records that must be in memory because they change without any input."""
    windows, rows = state.windows, [row.key for row in state.updates]
    waiting = [units.heading for flow in state.flows.values() for segment in flow.segments for units in segment.queue]
    flows = [key.flow for key in windows] + [key.flow for key in rows]
    explosions = [key.explosion for key in windows] + [key.explosion for key in rows]
    explosions += [heading.explosion for heading in waiting]
    scopes = [key.scope for key in rows if key.scope]
    scopes += [scope_of(key.batch, key.date, key.shift) for key in windows]
    scopes += [scope_of(heading.batch, heading.production_date, heading.shift) for heading in waiting]
    return Needs(
        scopes=tuple(dict.fromkeys(scopes)),
        flows=tuple(dict.fromkeys(flows)),
        explosions=tuple(dict.fromkeys(explosions)),
    )


def recall(state: State, needs: Needs, facts: Facts) -> None:
    """Take the facts of some needs into memory; a record that was not found does not exist."""
    scopes, flows = state.scopes, state.flows
    for key, balance in facts.dues.items():
        if key.flow not in flows or (key.scope and key.scope not in scopes):
            state.balances[key] = balance
    for account_key, account in facts.accounts.items():
        if account_key.flow not in flows or (account_key.scope and account_key.scope not in scopes):
            state.accounts[account_key] = account
    for flow in facts.flows.values():
        if flow.id not in flows:
            state.add_flow(flow)
        if not flow.to_stock:
            state.bearers.add((flow.plant, flow.cost_object))
    for explosion in facts.explosions.values():
        state.explosions.setdefault(explosion.id, explosion)
    for line, older in facts.runs.items():
        runs = state.runs.setdefault(line, [])
        runs[:0] = [run for run in older if not runs or run.start < runs[0].start]
    for plant, line_, at in needs.runs:
        state.older_runs[plant, line_] = min(at, state.older_runs.get((plant, line_), at))
    scopes.update(needs.scopes)
    state.bearers.update(needs.bearers)


def since(state: State) -> int:
    """Return the time from which runs are always in memory: older readings are rejected."""
    return state.now - state.rules.late_max - state.rules.skew - DAY_US


def is_crowded(state: State) -> bool:
    """Return whether it is time to drop finished records."""
    day, left = state.kept
    return state.now // DAY_US != day or _size(state) > left + MORE or len(state.resolved) > MOST_RESOLVED


def evict(state: State) -> None:
    """Drop records that nothing pins. Everything must be committed: afterwards only the ledger has them."""
    stays = find_pinned(state)
    assert state.scopes.issuperset(stays.scopes), "a lot or shift is in progress and was not read"
    state.scopes = scopes = set(stays.scopes)
    state.bearers = {(flow.plant, flow.cost_object) for name in stays.flows if not (flow := state.flows[name]).to_stock}
    for flow in list(state.flows.values()):
        if not flow.to_stock and (flow.plant, flow.cost_object) not in state.bearers:
            del state.flows[flow.id]
            state.flows_of.pop(flow.kind, None)
    flows = state.flows
    state.balances = {
        k: balance for k, balance in state.balances.items() if (k.scope in scopes if k.scope else k.flow in flows)
    }
    state.accounts = {
        k: some for k, some in state.accounts.items() if (k.scope in scopes if k.scope else k.flow in flows)
    }
    explosions = {*stays.explosions, *(flow.explosion for flow in flows.values())}
    state.explosions = {name: explosion for name, explosion in state.explosions.items() if name in explosions}
    # Never earlier than before, even if the clock was set back: dropped records are read when needed.
    state.runs_since, state.older_runs = max(state.runs_since, since(state)), {}
    for runs in state.runs.values():
        begun = sum(run.start <= state.runs_since for run in runs)
        del runs[: max(0, begun - 1)]
    for lives in state.marks_of_devices.values():
        _forget_lives(lives)
    state.made = {key: units for key, units in state.made.items() if key[2] >= month_before(state.now)}
    since_day = state.shift_yield_since = max(state.shift_yield_since, days_before(state.now))
    state.shift_yield = {key: units for key, units in state.shift_yield.items() if key[2] >= since_day}
    day = state.now // DAY_US
    if day != state.kept[0] or len(state.resolved) > MOST_RESOLVED:
        state.resolved.forget()
    else:
        state.resolved.keep(flows, state.explosions)
    state.kept = (day, _size(state))


def _forget_lives(marks: dict[tuple[str, str], CounterPosition]) -> None:
    """Keep the newest lives of a device per kind of total: they show whether a total was ever reported."""
    kept: set[str] = set()
    for kind in {kind for _, kind in marks}:
        lives = sorted(((mark.at, boot) for (boot, told), mark in marks.items() if told == kind), reverse=True)
        kept.update(boot for _, boot in lives[:LIVES])
    for key in [key for key in marks if key[0] not in kept]:
        del marks[key]


def _size(state: State) -> int:
    names = len(state.scopes) + len(state.bearers) + len(state.flows)
    return names + len(state.balances) + len(state.accounts) + _HEAVY * len(state.explosions)
