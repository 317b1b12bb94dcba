"""The reads: each asks one report. Names and values are the report's, which `--json` prints as well."""

import hashlib
import io
from collections.abc import Sequence
from typing import Any, Final

from gateway.canonical import read, split
from gateway.errors import Reason
from gateway.ledger.reports import day_curve, lists, postings, present, produced, used
from gateway.ledger.reports.devices import devices
from gateway.ledger.reports.document_filter import DocumentFilter
from gateway.ledger.reports.open_windows import windows
from gateway.ledger.reports.postings import Record
from gateway.ledger.reports.requested import answer_to, asker_of
from gateway.ledger.reports.trace import journals, trace_device, trace_document
from gateway.ledger.store.load import imports_in_force
from gateway.ledger.store.stored_imports import text_of
from gateway.masterdata.files.write import export_archive
from gateway.masterdata.merge import find_changes
from gateway.service.local.imports import with_runs
from gateway.service.local.in_force import tables_in_force
from gateway.service.local.telegrams import add_telegrams
from gateway.service.tell.lines import lines_now
from gateway.settings import Settings
from gateway.web.api.question import Question, Tagged
from gateway.web.asking import actor_of
from gateway.web.ledger_reader import open_ledger
from gateway.web.problems import Problem

_FILTERS: Final = ("material", "type", "batch", "actor", "device", "order", "serial", "open")
_AROUND: Final = ("origins", "caused", "reversals")
_PERIODS: Final = 60
_MOST_TELEGRAMS: Final = 200


def read_lines(of: Question) -> list[Record]:
    """Return the lines."""
    plant, line = of.place()
    return lines_now(of.connection, of.master, of.now, plant=plant, line=line)


def read_line(of: Question) -> Record:
    """Return one line; a Problem if there is none."""
    plant, line = of.line
    found = lines_now(of.connection, of.master, of.now, plant=plant, line=line)
    if not found:
        raise Problem(404, f"there is no line {plant}/{line}", Reason.UNKNOWN_LINE)
    return found[0]


def read_curve(of: Question) -> list[Record]:
    """Return the hours of a production day."""
    plant, line = of.line
    known = of.master.plants.get(plant)
    if known is None or not ((plant, line) in of.master.lines or lists.mentions(of.connection, plant=plant, line=line)):
        raise Problem(404, f"there is no line {plant}/{line}", Reason.UNKNOWN_LINE)
    date = of.query.date or known.day(of.now).date
    return day_curve.curve(of.connection, of.master, plant, line, date, of.now)


def read_line_points(of: Question) -> list[Record]:
    """Return the reporting points of what a line makes."""
    points: list[Record] = read_line(of)["points"]
    return points


def read_documents(of: Question) -> list[Record]:
    """Return documents, newest first."""
    since, until = of.times()
    which = DocumentFilter(of.where(), since, until, after=of.number(of.after[0]) if of.after else 0)
    which = which._replace(**{name: getattr(of.query, name) for name in _FILTERS})
    return [_with_currency(of, paper) for paper in postings.documents(of.connection, which, limit=of.limit)]


def _with_currency(of: Question, paper: Record) -> Record:
    return {**paper, "currency": of.currency(paper["plant"])}


def _find_document(of: Question, found: Record | None) -> Record:
    """Return a document; a Problem if there is none, or if it is of a line that the visitor does not see."""
    if found is None or not of.visitor.sees(found["plant"], found["line"]):
        raise Problem(404, f"there is no document {of.path['document'][:40]}", Reason.UNKNOWN_DOCUMENT)
    return found


def read_document(of: Question) -> Record:
    """Return a document with its trace, as far as its lines are the visitor's."""
    found = _find_document(of, trace_document(of.connection, of.number(of.path["document"])))
    cause = found["caused_by_document"]
    return {
        **_with_currency(of, found),
        **{name: of.keep_visible(found[name]) for name in _AROUND},
        "caused_by_document": next(iter(of.keep_visible([cause] if cause else [])), None),
    }


def read_telegrams(of: Question) -> Record:
    """Return the readings of a document with their first and last telegrams, as far as they are not too many."""
    papers = postings.documents_of(of.connection, [of.number(of.path["document"])])
    found = _find_document(of, papers[0] if papers else None)
    add_telegrams(of.settings, found, journals(of.connection), _MOST_TELEGRAMS)
    return {name: found[name] for name in ("document", "readings")}


def read_worklist(of: Question) -> list[Record]:
    """Return what is still to be posted."""
    return present.worklist(of.connection, line=of.where())


def read_worklist_sum(of: Question) -> list[Record]:
    """Return the lines with open rows."""
    return present.sum_worklist(of.connection, line=of.where())


def read_windows(of: Question) -> list[Record]:
    """Return counted pieces that no document holds yet."""
    return windows(of.connection, line=of.where())


def read_holds(of: Question) -> list[Record]:
    """Return what is held back."""
    return present.holds(of.connection, line=of.where())


def read_backlog(of: Question) -> list[Record]:
    """Return the open backlog, oldest first."""
    after = (of.number(of.after[0]), of.number(of.after[1])) if of.after else (0, 0)
    asked = {"line": of.where(), "material": of.query.material}
    return present.backlog(of.connection, of.now, **asked, limit=of.limit, after=after)


def read_backlog_sum(of: Question) -> list[Record]:
    """Return the open backlog by material and location."""
    return present.sum_backlog(of.connection, of.now, line=of.where(), material=of.query.material)


def _entries(of: Question) -> present.Entries:
    state = "" if of.query.state == "all" else of.query.state
    named: dict[str, Any] = {name: getattr(of.query, name) for name in ("device", "code", "kind")}
    return present.Entries(state, of.where(), since=of.times()[0], **named)


def read_quarantine(of: Question) -> list[Record]:
    """Return quarantine entries, newest first."""
    which = _entries(of)._replace(after=of.number(of.after[0]) if of.after else 0)
    return present.quarantine(of.connection, which, limit=of.limit)


def read_quarantine_sum(of: Question) -> list[Record]:
    """Return quarantine entries by device and code, the most first."""
    return present.sum_quarantine(of.connection, _entries(of), limit=10_000)


def read_entry(of: Question) -> Record:
    """Return a quarantine entry."""
    number = of.number(of.path["number"])
    found = present.quarantine(of.connection, present.Entries("", after=number + 1), limit=1)
    if not found or int(found[0]["number"]) != number or not of.keep_visible(found):
        raise Problem(404, f"there is no quarantine entry {of.path['number'][:40]}", Reason.UNKNOWN_ENTRY)
    return found[0]


def read_stock(of: Question) -> list[Record]:
    """Return stock."""
    which = present.StockFilter(of.place("plants")[0], of.query.material)
    return present.stock(of.connection, of.master, which, limit=of.limit, after=of.after)


def read_points(of: Question) -> list[Record]:
    """Return the reporting points of all that is made."""
    asked = {"material": of.query.material, "period": of.query.period}
    return present.points(of.connection, plant=of.place("plants")[0], **asked)


def read_collectors(of: Question) -> list[Record]:
    """Return cost objects by period."""
    found = present.collectors(of.connection, plant=of.place("plants")[0], period=of.query.period)
    return [{**record, "currency": of.currency(record["plant"])} for record in found]


def _days(of: Question) -> dict[str, str]:
    plant, line = of.place()
    return {"plant": plant, "line": line, "since": of.query.since, "until": of.query.until}


def read_production(of: Question) -> list[Record]:
    """Return planned and made quantities."""
    return produced.sum_rows(produced.production(of.connection, of.master, **_days(of)), of.query.by)


def read_statistics(of: Question) -> list[Record]:
    """Return the measures of days and shifts."""
    return used.statistics(of.connection, of.master, **_days(of))


def read_orders(of: Question) -> list[Record]:
    """Return planned orders, those that start last first."""
    which = lists.OrderFilter(of.where(), of.query.material, of.query.order, of.query.open)
    after: Any = of.after or None
    return lists.orders(of.connection, of.master, which, limit=of.limit, after=after)[::-1]


def read_runs(of: Question) -> list[Record]:
    """Return runs, newest first."""
    after: Any = of.after or None
    return lists.runs(of.connection, line=of.where(), material=of.query.material, limit=of.limit, after=after)


def read_periods(of: Question) -> list[Record]:
    """Return the newest posting periods of each plant."""
    return lists.periods(of.connection, of.master, of.now, plant=of.place("plants")[0], limit=_PERIODS)


def read_imports(of: Question) -> list[Record]:
    """Return imports of master data, newest first."""
    after: Any = of.after or None
    result = []
    for one in lists.imports(of.connection, limit=of.limit, after=after):
        tables = find_changes(one.gone, one.came)
        sums = {kind: sum(of_[kind] for of_ in tables.values()) for kind in ("added", "changed", "removed")}
        result.append({**one.record, "tables": tables, **sums})
    return result


def read_corrections(of: Question) -> list[Record]:
    """Return corrections, newest first."""
    since, until = of.times()
    number, transaction = of.after or ("", "")
    which = DocumentFilter(of.where(), since, until, actor=of.query.actor, after=of.number(number) if number else 0)
    return lists.corrections(of.connection, which, limit=of.limit, transaction=transaction)


def read_devices(of: Question) -> list[Record]:
    """Return devices, with a record for each of their totals."""
    return devices(of.connection, of.master, device=of.query.device, line=of.where(), silent=of.silent)


def read_device(of: Question) -> Record:
    """Return a device with its newest documents and quarantine entries."""
    name = of.path["device"]
    known = of.master.devices.get(name)
    is_mine = of.visitor.sees(known.plant, known.line) if known is not None else of.visitor.sees_all
    about = devices(of.connection, of.master, device=name, silent=of.silent) if is_mine else []
    found = trace_device(of.connection, name) if is_mine else None
    if found is None and not about:
        raise Problem(404, f"there is no device {name[:40]}, and no message from it", Reason.UNKNOWN_DEVICE)
    empty: Record = {"device": name, "marks": [], "documents": [], "quarantine": []}
    found = found or empty
    return {
        **found,
        "state": about[0]["state"] if about else "seen",
        "documents": of.keep_visible(found["documents"]),
        "quarantine": of.keep_visible(found["quarantine"]),
    }


def read_request(of: Question) -> Record:
    """Return the answer that a request of the visitor got, if one is known."""
    transaction = of.path["transaction"]
    asker = asker_of(of.connection, transaction)
    if asker is not None and asker != actor_of(of.visitor) and not of.visitor.sees_all:
        raise Problem(403, "it is another's request", Reason.NOT_ALLOWED)
    said = answer_to(of.connection, transaction)
    text = "no answer is known yet: the same request again gets it"
    return said or {"transaction": transaction, "status": "unknown", "code": "", "text": text, "data": {}}


def read_masterdata(of: Question) -> Tagged:
    """Return the tables of the master data in force."""
    digest, tables = _in_force(of)
    return Tagged({"digest": digest, "tables": [{"table": name, "rows": len(rows)} for name, rows in tables]}, digest)


def make_archive(settings: Settings) -> Tagged:
    """Return the master data in force as an archive, with the runs that commands have begun and ended."""
    with open_ledger(settings):
        tables = tables_in_force(settings)
    if not tables.rows:
        raise Problem(404, "no master data are in force yet")
    file = io.BytesIO()
    export_archive(with_runs(settings, tables), file)
    content = file.getvalue()
    return Tagged(content, hashlib.sha256(content).hexdigest())


def read_table(of: Question) -> Tagged:
    """Return the rows of a table, by their key; a page goes on only while the same master data are in force."""
    digest, tables = _in_force(of)
    rows = dict(tables).get(of.path["table"])
    if rows is None:
        raise Problem(404, f"the master data in force have no table {of.path['table'][:40]!r}")
    if digest != of.master.digest:
        raise Problem(503, "other master data have just come into force: ask again")
    first = of.number(of.after[0]) if of.after else 0
    some = enumerate(rows[first : first + of.limit], first + 1)
    return Tagged([{"row": number, "cells": read(row)} for number, row in some], digest)


def _in_force(of: Question) -> tuple[str, list[tuple[str, Sequence[bytes]]]]:
    found = imports_in_force(of.connection)
    tables = split(text_of(of.connection, found)) if found else {}
    return found[0].digest if found else "", sorted(tables.items())
