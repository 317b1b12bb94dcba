"""The trace as a tree: from a document down to the telegrams that caused it, and from a device up to its documents."""

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli.shared.arguments import currencies, ledger, master_of, plant_times
from gateway.cli.shared.command import ROWS, Invocation, answer_no, command, pass_invocation, tell
from gateway.cli.shared.layout import wrap_word
from gateway.cli.shared.output import cut, plain, print_json
from gateway.ledger.reports.cells import inert, money

if TYPE_CHECKING:
    from rich.tree import Tree
    from sqlalchemy import Connection

Node = tuple[str, list["Node"]]
"""A line of text, and its branches."""

_MOST: Final = 25
"""The most branches of one kind in the tree; JSON has all of them."""
_LONGEST: Final = 160
_BECAME: Final = {
    "open": "waits in the worklist",
    "replaced": "other quantities were said",
    "withdrawn": "was taken back",
}
"""The ends of dues other than posted."""
_MADE_UP: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A transaction that the program made up for a command without one."""
_TIMES: Final = frozenset({"at", "first_at", "last_at", "received_at"})
_OF_NAMES: Final = {
    "documents": "documents",
    "made": "batch made by",
    "used": "batch used by",
    "reducing": "order reduced by",
}
"""The documents of a device or a name, and their titles."""
_INDENT: Final = 4
_NO_END: Final = 10_000


@command(example="backflush trace 0000004712 --telegrams", data=True)
@click.argument("what", metavar="DOCUMENT|DEVICE|SERIAL|SSCC|BATCH|ORDER")
@click.option("--limit", default=20, show_default=True, type=ROWS, help="The newest documents of a device or name.")
@click.option("--telegrams", is_flag=True, help="Read the first and last telegram of each device from the journal.")
@pass_invocation
def trace(invocation: Invocation, what: str, limit: int, *, telegrams: bool, as_json: bool) -> None:
    """Trace a document to its readings, or a device, serial number, SSCC, batch or planned order to its documents."""
    from gateway.backflush.values.documents import bracket_of, format_number
    from gateway.backflush.values.quantities import parse_whole
    from gateway.ledger.reports.trace import journals, trace_document

    if not what:
        raise click.UsageError("expected a document number or a device, got nothing")
    number = parse_whole(bracket_of(what))
    with ledger(invocation) as connection:
        document = trace_document(connection, number) if number is not None else None
        if document is not None and bracket_of(what) != what and not _holds(document, what):
            document = None
        device, more = _device_of(invocation, connection, what, limit) if document is None else (None, "")
        named, more = _of_name(connection, what, limit) if document is None and device is None else (None, more)
        of = currencies(connection)
        writers = journals(connection) if telegrams else {}
        clock = plant_times(connection)
    record = document or device or named
    if record is None:
        wanted = f"document {format_number(number)}, " if number is not None else ""
        tell(f"backflush: the ledger knows no {wanted}device, serial number, SSCC, batch or planned order {what}")
        answer_no()
    if telegrams:
        from gateway.service.local.telegrams import add_telegrams

        add_telegrams(invocation.settings(), record, writers)
    if document is not None:
        record["currency"] = of.get(record["plant"], "")
    if as_json:
        print_json(record)
    else:
        plant = next((some["plant"] for kind in _OF_NAMES for some in record.get(kind, ())), "")
        shown = _by_the_clock(record, clock, plant)
        _print(_document(shown) if document is not None else _device(shown) if device is not None else _name(shown))
        if more:
            tell(more)


def _device_of(
    invocation: Invocation, connection: "Connection", device: str, limit: int
) -> tuple[dict[str, Any] | None, str]:
    """Return the record of a device, and a hint if there is more."""
    from gateway.ledger.reports.devices import devices
    from gateway.ledger.reports.trace import trace_device
    from gateway.service.local.running import silent_devices

    record = trace_device(connection, device, limit + 1)
    if record is None:
        return None, ""
    silent = silent_devices(invocation.settings())
    about = devices(connection, master_of(connection, "devices"), device=device, silent=silent)
    record["state"] = about[0]["state"] if about else "seen"
    said = [cut(record[name], limit) for name in ("documents", "quarantine")]
    record["documents"], record["quarantine"] = (kept for kept, _ in said)
    return record, next((more for _, more in said if more), "")


def _of_name(connection: "Connection", name: str, limit: int) -> tuple[dict[str, Any] | None, str]:
    """Return the record of a serial number, SSCC, batch or planned order, and a hint if there is more."""
    from gateway.ledger.reports.trace import trace_name

    record = trace_name(connection, name, limit + 1)
    said = {kind: cut(record[kind], limit) for kind in _OF_NAMES} if record is not None else {}
    whole = None if record is None else record | {kind: kept for kind, (kept, _) in said.items()}
    return whole, next((more for _, more in said.values() if more), "")


def _by_the_clock(value: Any, clock: Callable[[str, str | None], str], plant: str = "") -> Any:  # noqa: ANN401 - any part of a record
    """Return a record with its times by the clock of their plant."""
    if isinstance(value, Mapping):
        at = value.get("plant") or plant
        return {
            name: clock(at, inner) if name in _TIMES and isinstance(inner, str) else _by_the_clock(inner, clock, at)
            for name, inner in value.items()
        }
    return [_by_the_clock(inner, clock, plant) for inner in value] if isinstance(value, list) else value


def _holds(document: Mapping[str, Any], what: str) -> bool:
    """Return whether a document has the named material or activity document."""
    own = {document["material_document"], document["activity_document"]} - {None}
    return document["document"] + what[what.rindex("-") :] in own


def _print(node: Node) -> None:
    from rich.console import Console

    # Without a terminal a line stays a line. The console is endless: a narrower one would fold again.
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _NO_END
    Console(width=_NO_END, highlight=False, markup=False, emoji=False).print(_tree(node, width))


def _tree(node: Node, width: int) -> "Tree":
    from rich.text import Text
    from rich.tree import Tree

    def grow(tree: Tree, children: Iterable[Node], room: int) -> None:
        for text, below in children:
            grow(tree.add(Text("\n").join(map(plain, wrap_word(text, room)))), below, room - _INDENT)

    tree = Tree(Text("\n").join(plain(line, "bold") for line in wrap_word(node[0], width)), guide_style="dim")
    grow(tree, node[1], width - _INDENT)
    return tree


def _branch(title: str, nodes: list[Node]) -> list[Node]:
    """Return nodes under a title; nothing if there are none."""
    if not nodes:
        return []
    more: list[Node] = [(f"... and {len(nodes) - _MOST} more; --json has all", [])] if len(nodes) > _MOST else []
    return [(title, nodes[:_MOST] + more)]


def _document(record: Mapping[str, Any]) -> Node:
    below: list[Node] = [
        (f"posted on {record['posting_date']}, produced on {record['production_date']} {record['shift']}".rstrip(), [])
    ]
    names = ("actor", "reason", *(() if _MADE_UP.fullmatch(record["reference"]) else ("reference",)))
    who = ", ".join(f"{name} {record[name]}" for name in names if record[name])
    if who:
        below.append((who, []))
    if record["cost_object"]:
        below.append((f"cost object {record['cost_object']}", []))
    below += _branch("confirmed", [(_confirmation(row), []) for row in record["confirmations"]])
    below += _branch(
        f"goods movements {record['material_document']}",
        [(_item(row, record["currency"]) + _bearer(row, record), []) for row in record["items"]],
    )
    below += _branch(
        f"activities {record['activity_document']}",
        [(_activity(row, record["currency"]) + _bearer(row, record), []) for row in record["activities"]],
    )
    below += _branch("orders reduced", [(_print_reduction(row), []) for row in record["orders"]])
    below += _branch("processes", [(text, []) for _, text in _dues(record)])
    below += _branch("missing", [(_missing(row), []) for row in record["backlog"]])
    below += _branch("reversals", [(_title(row), []) for row in record["reversals"]])
    cause = record["caused_by_document"]
    below += _branch("follows from", [(_title(row), _readings(row)) for row in ([cause] if cause else ())])
    below += _branch("is followed by", [(_title(row), []) for row in record["caused"]])
    below += _branch("posts for", [(_title(row), _readings(row)) for row in record["origins"]])
    if record["more_origins"]:
        below.append((f"... and for {record['more_origins']} more documents", []))
    below += _branch("readings that are open again" if _opens(record) else "readings", _readings(record))
    return _title(record), below


def _title(record: Mapping[str, Any]) -> str:
    made = " ".join(filter(None, (record["material"], record["version"])))
    where = f"{record['plant']}/{record['line']}".strip("/")
    units = f"yield {record['yield']}" + (f", scrap {record['scrap']}" if record["scrap"] != "0" else "")
    said = (record["document"], record["type"], where, made, units if record["confirmations"] else "")
    text = "  ".join(filter(None, said))
    if record["reverses"]:
        text += f"  reverses {record['reverses']}"
    if not record["reversed_by"]:
        return text
    part = " in part" if record["reversed"] == "partly" else ""
    return f"{text}  reversed{part} by {', '.join(record['reversed_by'])}"


def _confirmation(row: Mapping[str, Any]) -> str:
    units = sum(Decimal(row[name]) for name in ("yield", "scrap"))
    reported = f", reported {row['reported']}" if Decimal(row["reported"]) not in (0, units) else ""
    scrap = f", scrap {row['scrap']} {row['reason']}".rstrip() if row["scrap"] != "0" else ""
    aside = "".join(f", {name} {row[name]}" for name in ("lost", "rework") if row[name] != "0")
    return f"{row['point']}: yield {row['yield']}{scrap}{aside}{reported}{' (by backfill)' if row['automatic'] else ''}"


def _item(row: Mapping[str, Any], currency: str) -> str:
    where = " ".join(filter(None, (row["location"], row["batch"], row["stock_type"])))
    return f"{row['movement']} {row['material']}  {row['quantity']} {row['unit']}  {where}  {_money(row, currency)}"


def _activity(row: Mapping[str, Any], currency: str) -> str:
    return f"{row['activity']}  {row['hours']} h  {row['work_center']}  {_money(row, currency)}"


def _money(row: Mapping[str, Any], currency: str) -> str:
    return f"{money(row['amount'], currency)} {currency}".rstrip()


def _bearer(row: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """Name the cost object of an item if it differs from the document's."""
    return f"  for {row['cost_object']}" if row["cost_object"] not in ("", document["cost_object"]) else ""


def _print_reduction(row: Mapping[str, Any]) -> str:
    order, quantity = row["order"], row["quantity"]
    if row.get("component"):
        return f"{order}: its need of {row['component']}, {quantity}"
    if row["point"]:
        return f"{order}: its components for {quantity} at {row['point']}"
    return f"{order}: its own quantity, {quantity}"


def _dues(record: Mapping[str, Any]) -> dict[tuple[str, str], None]:
    """Describe the dues, each once: fixed items of a lot or shift are due for the same pieces as the rest."""
    return {(row["explosion"], _due(row)): None for row in record["dues"]}


def _due(row: Mapping[str, Any]) -> str:
    became = f"posted in {row['posted_by']}" if row["posted_by"] else _BECAME.get(row["state"], row["state"])
    return f"{row['process']} of {row['units']} at {row['point']}: {became}"


def _missing(row: Mapping[str, Any]) -> str:
    issued = f", issued by {', '.join(row['issued_by'])}" if row["issued_by"] else ""
    return (
        f"{row['material']} at {row['location'] or '-'}: {row['quantity']} of {row['required']} {row['unit']}{issued}"
    )


def _opens(record: Mapping[str, Any]) -> bool:
    """Return whether a reversal has given its readings back to windows: they stand there with a minus."""
    return any(row["readings"] < 0 for row in record["readings"])


def _readings(record: Mapping[str, Any]) -> list[Node]:
    from gateway.backflush.values.quantities import number_of

    nodes: list[Node] = []
    for row in record["readings"]:
        if row["readings"] < 0:
            row = row | {name: str(row[name]).lstrip("-") for name in ("yield", "scrap")}  # noqa: PLW2901 - as it is read
        units = f"yield {row['yield']}" + (f", scrap {row['scrap']}" if row["scrap"] != "0" else "")
        number = number_of(abs(row["readings"]), "reading")
        text = f"{row['device'] or 'by hand'}: {number}, {units}, {_span(row)}"
        nodes.append((text, [(_print_telegram(telegram), []) for telegram in row.get("telegrams", ())]))
    return nodes


def _span(row: Mapping[str, Any]) -> str:
    first, last = row["first_at"], row["last_at"]
    change = ", over a change of run" if row["spans_change"] else ""
    return (first if first == last else f"{first} to {last}") + change


def _print_telegram(telegram: Mapping[str, Any]) -> str:
    if telegram.get("gone"):
        return f"entry {telegram['entry']}: no longer in the journal"
    if "elsewhere" in telegram:
        gateway, journal = telegram["elsewhere"].values()
        whose = (
            f"journal {journal} of gateway {gateway}"
            if gateway
            else "the journal of a gateway that had the line before"
        )
        return f"entry {telegram['entry']}: in {inert(whose)}, not in this one"
    payload = telegram["payload"]
    shown = payload if len(payload) <= _LONGEST else f"{payload[:_LONGEST]}..."
    return f"{telegram['received_at']} {inert(telegram['topic'] or telegram['kind'])} {shown}"


def _device(record: Mapping[str, Any]) -> Node:
    below = _branch("counted", [(_mark(row), []) for row in record["marks"] if row["kind"]])
    newest: list[Node] = []
    for document in record["documents"]:
        own = {**document, "readings": [r for r in document["readings"] if r["device"] == record["device"]]}
        newest.append((_title(document), _readings(own)))
    below += _branch("newest documents", newest)
    below += _branch(
        "quarantine",
        [(f"{row['number']} {row['state']} {row['code']} {row['text']}", []) for row in record["quarantine"]],
    )
    return f"{record['device']}  {record['state']}", below


def _mark(row: Mapping[str, Any]) -> str:
    life = f", in its life {row['boot']}" if row["boot"] else ""
    if row["kind"].startswith("scrap "):  # its units are those of its pieces that are booked under another reason
        away = row["units"]
        moved = f", {away} of it booked under another reason" if away > 0 else ""
        moved = f", {-away} more booked under this reason" if away < 0 else moved
        return f"{row['kind']}: total {row['total']}{moved}{life}, {row['at']}"
    return f"{row['kind']}: {row['units']} up to its total {row['total']}{life}, {row['at']}"


def _name(record: Mapping[str, Any]) -> Node:
    ends: list[Node] = [
        (f"{row['kind']} at {row['point']}: {row['document'] or 'free again, its document is reversed'}", [])
        for row in record["confirmed"]
    ]
    below = _branch("confirmed", ends)
    for kind, title in _OF_NAMES.items():
        below += _branch(title, [(_title(document), _readings(document)) for document in record[kind]])
    return record["name"], below
