"""A plant with something in every table, written as on paper, and a few days of it that are folded by the engine."""

import json
from collections.abc import Mapping

from devices.sources.knowledge import Knowledge
from gateway.backflush.memory.state import Rules
from gateway.journal import Entry
from gateway.masterdata.build import build
from gateway.masterdata.checks.check import check_tables
from gateway.masterdata.rows import TABLES, TableRow
from gateway.masterdata.tables import Origin, Tables, tables_of
from gateway.mqtt.topics import Topics
from gateway.service.entries import MESSAGE
from gateway.service.fold.decode import Intake
from tests.book import Book

PLANT = """
plants plant time_zone
    1000 UTC
shifts plant shift days start end
    1000 E Mon-Sun 06:00 14:00
    1000 L Mon-Sun 14:00 22:00
calendar_exceptions plant date shift
    1000 2026-03-17 E
storage_locations plant location negative_stock
    1000 RAW yes
    1000 WIP yes
    1000 FGL yes
    1000 BIN no
materials plant material unit decimals standard_price price_unit issue_location receiving_location rem_profile gtin
    1000 FG PC 0 20 1 - FGL R 2000000000015
    1000 FH PC 0 20 1 - FGL R2 -
    1000 A KG 3 5.555 1 RAW - - -
    1000 B PC 0 1 1 BIN - - -
    1000 C PC 0 1 1 RAW - - -
    1000 D PC 0 1 1 RAW - - -
    1000 KIT PC 0 1 1 RAW - - -
units material unit numerator denominator
    D BOX 12 1
    FG BOX 6 1
gtins gtin material unit
    2000000001012 FG BOX
aliases code kind value
    pump material FG
    tens control BF:QTY:10
boms plant material alternative revision valid_from
    1000 FG 1 - 2026-01-01
    1000 FG 2 - 2026-01-01
    1000 FH 1 - 2026-01-01
    1000 FH 1 R2 2026-05-01
    1000 KIT 1 - 2026-01-01
bom_items plant material alternative revision item component quantity unit operation
    1000 FG 1 - 10 A 0.333 - 0010
    1000 FG 1 - 20 B 1 - 0020
    1000 FG 1 - 30 D 1 BOX 0020
    1000 FG 1 - 40 KIT 1 - -
    1000 FG 2 - 10 A 1 - 0010
    1000 FH 1 - 10 A 0.25 - -
    1000 FH 1 - 20 C 0.25 - -
    1000 FH 1 R2 10 D 1 - -
    1000 KIT 1 - 10 C 2 - -
work_centers plant work_center cost_center
    1000 W1 CC1
    1000 W2 CC2
activity_rates plant work_center activity rate_per_hour
    1000 W1 labour 60
    1000 W2 labour 90
routings plant material routing base_quantity valid_from
    1000 FG 1 10 2026-01-01
    1000 FG 2 10 2026-01-01
    1000 FH 1 10 2026-01-01
operations plant material routing operation work_center reporting_point
    1000 FG 1 0010 W1 yes
    1000 FG 1 0020 W1 no
    1000 FG 2 0010 W1 no
    1000 FH 1 0010 W1 no
operation_activities plant material routing operation activity hours fixed
    1000 FG 1 0010 labour 1 no
    1000 FG 1 0020 labour 0.5 yes
    1000 FG 2 0010 labour 1 no
production_versions plant material version bom_alternative routing line issue_location
    1000 FG V1 1 1 L1 WIP
    1000 FG V2 2 2 L3 WIP
    1000 FG V3 1 1 L3 WIP
    1000 FH V1 1 1 L2 WIP
    1000 FH V2 1 1 L2 WIP
estimate_activities plant material version operation work_center activity hours valid_from
    1000 FH V1 0010 W1 labour 0.5 2026-01-01
    1000 FH V2 0010 W1 labour 0.5 2026-01-01
rem_profiles profile reporting_points order_reduction stock_determination include_component_scrap activity_source
    R optional own_and_unassigned yes yes standard_values
    R2 none none no no cost_estimate
    R3 none none no no standard_values
lines plant line
    1000 L9
devices device plant line kind max_step modulus reset window first time_zone
    c1 1000 L1 counter 1000 - quarantine reading zero UTC
    c2 1000 L2 counter 500 1000 quarantine reading zero -
    c3 1000 L2 counter 1000 - allow reading zero -
    s1 1000 L1 scanner - - quarantine reading baseline -
runs plant line material version start batch sales_order sales_order_item
    1000 L2 FH V1 2026-01-01T00:00 LOT1 S1 10
planned_orders order plant material version line start finish quantity
    O1 1000 FG - L1 2026-03-10 2026-03-11 15
    O2 1000 FG V2 L3 2026-03-01 2026-03-31 1000
    O3 1000 FG V1 L1 2026-03-15 2026-03-15 1000
planned_order_components order item component quantity unit operation
    O3 10 A 500 - 0010
    O3 20 D 50 BOX 0010
sales_orders order item plant material quantity date
    S1 10 1000 FH 8 2026-03-20
demands plant material date quantity
    1000 FG 2026-03-20 10
operators operator name
    7 Anna
scrap_reasons reason text
    DENT dented
batches plant material batch received expires
    1000 B B1 2026-03-01 2026-03-31
    1000 B B2 2026-03-02 2026-03-31
opening_stock plant material location batch quantity
    1000 B BIN B1 12
    1000 B BIN B2 12
    1000 C RAW - 5
overheads plant base percent
    1000 material 5
"""
Cells = dict[str, list[dict[str, str]]]


def read(text: str) -> Cells:
    """Read tables that are written on paper: a table with its columns, and its rows below; `-` is nothing."""
    tables: Cells = {}
    for line in text.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            name, *columns = words
            tables[name] = []
        else:
            tables[name].append({c: word for c, word in zip(columns, words, strict=True) if word != "-"})
    return tables


def parsed(cells: Cells) -> Tables:
    """Validate rows that were read from a file."""
    rows = {name: [TABLES[name].parse(row) for row in found] for name, found in cells.items()}
    origins = {(name, row.key()): Origin(name, n) for name, found in rows.items() for n, row in enumerate(found, 2)}
    return tables_of(rows, origins)


def write(cells: Cells, column: str, row: str, value: str) -> None:
    """Write a cell of the first row whose key has some words."""
    table, name = column.split(".")
    kind = TABLES[table]
    found = [each for each in cells[table] if set(row.split()) <= set(key_of(kind, each))]
    assert found, f"{table} has no row {row}"
    found[0][name] = value
    if not value:
        del found[0][name]


def key_of(kind: type[TableRow], cells: Mapping[str, str]) -> tuple[str, ...]:
    return kind.parse(cells).key()


def days(cells: Cells) -> tuple[str, ...]:
    """Return what is found wrong with a plant, and what its days leave in the ledger."""
    try:
        tables = parsed(cells)
    except ValueError as error:
        return (f"refused: {error}",)
    findings = check_tables(tables)
    told = [f"{f.severity} {f.table}.{f.field} {f.text}" for f in findings if " in this version: " not in f.text]
    if any(f.severity == "error" for f in findings):
        return tuple(told)
    imported = build(tables)
    book = Days(imported.master, now="06:00", orders=imported.orders or (), stock=dict(imported.opening_stock or {}))
    book.load(imported.master, runs=imported.runs or ())
    happen(book)
    ledger = book.ledger
    kept = [*ledger.documents.values(), *ledger.confirmations, *ledger.items, *ledger.activities, *ledger.reductions]
    kept += ledger.sources
    short = [(r.document, r.material, r.location, r.required, r.cause) for r in ledger.backlog.values()]
    entries = [(e.code, e.text, e.good, e.scrap) for e in ledger.quarantine.values()]
    answers = [(f.device, f.outcome) for f in book.feedback]
    refused = [(r.status, r.code, r.text) for r in book.responses]
    return (*told, *map(repr, (*kept, *short, *entries, *answers, *refused, sorted(ledger.statistics.items()))))


class Days(Book):
    """A book whose laws others audit."""

    def audit(self) -> None:
        """Audit nothing."""


def happen(book: Book) -> None:
    """Let the plant work, from Monday morning to Wednesday week."""
    say(book, "L1/c1/count", good=4, ts="2026-03-16T05:59:00")
    book.at("06:30")
    say(book, "L1/c1/count", good=8)
    for device, totals in (("c2", (400, 800, 990, 5)), ("c3", (60, 5))):
        for total in totals:
            book.wait(60)
            say(book, f"L2/{device}/count", good=total, seq=book.entry)
    for n, label in enumerate(("BF:OPERATOR:7", "BF:SCRAP:DENT", "pump", "tens", "pump", "BF:BEGIN:c1:8")):
        say(book, "L1/s1/scan", id=f"card-{n}", data=label)
    for n, gtin in enumerate(("02000000000015", "02000000001012")):
        say(book, "L1/s1/scan", id=f"label-{n}", data=f"01{gtin}21X{n}")
    say(book, "L1/s1/scan", id="two", data="BF:QTY:2")
    book.wait(60)
    say(book, "L1/s1/scan", id="of-these", data="pump")
    book.at("13:30")
    book.post(3)
    book.post(2, line="L2", material="")
    book.post(2, line="L2", material="FH")
    book.post(4, line="L3", material="")
    book.post(1, line="L9", material="")
    book.at("15:00")
    say(book, "L1/c1/count", good=12)
    book.wait(60)
    say(book, "L1/c1/count", good=40)
    book.post(10, order="O3")
    book.at("2026-03-17 07:30")
    book.post(3)
    book.period("2026-02", closed=True)
    book.post(1, at="2026-02-27 12:00")
    book.at("2026-03-25 12:00")
    book.post(6, "assembly")
    book.wait(60)


def say(book: Book, topic: str, **body: object) -> None:
    """Let a device of the plant publish something."""
    book.entry += 1
    entry = Entry(MESSAGE, f"bf/v1/1000/{topic}", json.dumps(body).encode())
    intake = Intake(Topics("bf/v1", "gw1"), Rules(open_names=()), Knowledge())
    event = intake.decode(book.entry, entry, book.state.master, b"")
    assert event is not None
    book.feed(event)
