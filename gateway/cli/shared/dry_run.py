"""Dry runs: the engine steps on the ledger's state as committed, in memory, and nothing of it is kept.

So the answer is the engine's own, with today's master data, runs, stock and serial numbers; only another posting that
comes in between can make the real one turn out differently.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gateway.cli.shared.arguments import ledger
from gateway.cli.shared.command import Invocation
from gateway.cli.shared.output import money, print_records

if TYPE_CHECKING:
    from gateway.backflush.memory.changes import Changes
    from gateway.backflush.memory.events import Event
    from gateway.backflush.memory.state import State
    from gateway.backflush.plant.snapshot import MasterData


def load_state(invocation: Invocation) -> "State":
    """Return the state of all lines, to be stepped and thrown away."""
    from gateway.backflush.step import restore
    from gateway.ledger.store.leases import Head
    from gateway.ledger.store.load import load
    from gateway.masterdata.build import build
    from gateway.masterdata.tables import tables_in

    everything = Head(0, "", "", ("*",), 0, 0, 0, 0, "", "", 0, 0)
    with ledger(invocation) as connection:
        state, _ = load(connection, everything, lambda content: build(tables_in(content)).master)
    restore(state)
    state.rules = invocation.settings().rules
    return state


def dry_step(invocation: Invocation, state: "State", make: "Callable[[State], Event]") -> "Changes":
    """Step one event, which `make` makes of the state; return what it changed."""
    from gateway.backflush.memory.changes import Changes
    from gateway.backflush.prefetch import gather, inquire
    from gateway.backflush.step import step
    from gateway.ledger.store.facts import read_facts

    changes = Changes()
    event, now = make(state), time.time_ns() // 1000
    with ledger(invocation) as connection:
        read = partial(read_facts, connection, patterns=("*",), scopes=state.scopes)
        facts = gather(inquire(state, [event], now), read)
    step(state, changes, facts, now, [event])
    return changes


def print_document(document: Mapping[str, Any]) -> None:
    """Print a document of a dry run: its bracket, its items, and what would wait."""
    bracket = "type material version posting_date=date shift >yield >scrap >rework"
    print_records([document], bracket, empty="")
    tables = (
        ("goods movements", "items", "movement material >quantity unit location batch >amount currency"),
        ("activities", "activities", "activity >hours work_center cost_center >amount currency"),
        ("waits in the worklist", "waiting", "process point timing >units"),
        ("missing, goes to the backlog", "backlog", "material >quantity unit location movement cause"),
    )
    for title, name, columns in tables:
        if document[name]:
            print_records(document[name], columns, empty="", title=f"-- {title}", row=lambda row: {
                **row, "amount": money(row.get("amount", ""), document["currency"]), "currency": document["currency"]
            })  # fmt: skip


def documents_of(changes: "Changes", master: "MasterData") -> list[dict[str, Any]]:
    """Print the documents of a step, with the names of the documents report; they have no number yet."""
    from gateway.backflush.values.quantities import format_quantity as text

    result = []
    for bracket in changes.documents:
        number = bracket.number
        reported = [row for row in changes.confirmations if row.document == number and not row.automatic]
        result.append(
            {
                "document": None,
                **{name: getattr(bracket, name) for name in _BRACKET},
                "currency": known.currency if (known := master.plants.get(bracket.plant)) is not None else "",
                "yield": text(sum(row.yield_ for row in reported)),
                "scrap": text(sum(row.scrap + row.lost for row in reported)),
                "rework": text(sum(row.rework for row in reported)),
                "items": [
                    {
                        **{name: getattr(item, name) for name in _ITEM},
                        "quantity": text(item.quantity),
                        "unit": item.unit,
                        "amount": text(item.amount),
                    }
                    for item in changes.items
                    if item.document == number
                ],
                "activities": [
                    {
                        **{name: getattr(item, name) for name in ("activity", "work_center", "cost_center")},
                        "hours": text(item.hours),
                        "amount": text(item.amount),
                    }
                    for item in changes.activities
                    if item.document == number
                ],
                "waiting": [
                    {
                        "process": row.key.process,
                        "point": row.key.segment,
                        "timing": row.timing,
                        "units": text(row.units),
                    }
                    for row in changes.rows
                    if row.document == number and row.state == "open"
                ],
                "backlog": [
                    {
                        **{name: getattr(record, name) for name in ("movement", "material", "location", "cause")},
                        "quantity": text(record.open),
                        "unit": record.unit,
                    }
                    for record in changes.backlog
                    if record.document == number
                ],
            }
        )
    return result


_BRACKET = ("type", "plant", "line", "material", "version", "batch", "posting_date", "production_date", "shift")
_ITEM = ("movement", "material", "location", "batch", "stock_type")
