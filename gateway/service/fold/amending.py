"""Amending: what a request changes in the master data, as an import of the rows that it says.

A request says rows, or what becomes of a device. Everything else is decided where its entry is folded, by the master
data in force then and the rules of every import, so that each door has the same ones. Nothing but these is read.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from devices.errors import Rejection
from devices.plain import plain
from gateway.backflush.memory.events import Answer, MasterDataImport
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.names import quote
from gateway.errors import Reason, UsageError
from gateway.masterdata.amendments import Amendment
from gateway.masterdata.arrival import take
from gateway.masterdata.devices import adopt_device, disable_device, replace_device
from gateway.masterdata.importing import Prepared, weigh
from gateway.masterdata.merge import Change, Missing
from gateway.masterdata.name_checks import judge_import
from gateway.masterdata.rows import TABLES, Key, RunRow, TableRow
from gateway.masterdata.tables import Finding, Origin, Tables, tables_in, tables_of
from gateway.service.fold import forms
from gateway.service.fold.requests import Request, describe_errors

_MOST_TOLD: Final = 5
_MOST_CHANGES: Final = 100
_MISSING: Final = {"": Missing.REFUSED, "none": Missing.KEPT, "all": Missing.REMOVED}


def amends(request: Request) -> bool:
    """Return whether a request changes rows of the master data."""
    return request.verb == "import" or (request.verb == "devices" and "begin" not in request.data)


def amendment_of(
    request: Request, entry: int, text: bytes, master: MasterData, open_names: Sequence[str]
) -> MasterDataImport | Answer | Rejection:
    """Return the import that a request makes of the data in force, the answer if nothing changes, or its refusal."""
    try:
        tables = tables_in(text)
        if request.verb == "devices":
            became, prepared = _change_device(request, tables)
            answer, why = Answer(became, {}), f"{became}: {request.reason}"
        else:
            prepared = _bring(request, tables, open_names)
            answer, why = Answer("the master data is in force", _describe(prepared.changes)), request.reason
        if not request.reason:
            return Rejection(Reason.BAD_COMMAND, "a change of the master data by a request needs a reason")
        if refused := _refuse(prepared):
            return refused
        if not prepared.changes:
            return answer._replace(text="nothing changes: it is in force already")
        return import_of(entry, prepared.amendment._replace(reason=why), request.actor, text, master, answer)
    except ValidationError as error:
        return Rejection(Reason.BAD_COMMAND, f"{request.verb}: {describe_errors(error)}")
    except _OutOfDate as error:
        return Rejection(Reason.CHANGED, str(error))
    except UsageError as error:
        return Rejection(Reason.BAD_COMMAND, str(error))


def import_of(
    entry: int, change: Amendment, actor: str, text: bytes, master: MasterData, answer: Answer | None = None
) -> MasterDataImport:
    """Return the event of an amendment of the data in force; UsageError if they do not fit together."""
    arrived = take(change, text, master)
    made = MasterDataImport(entry, arrived.imported, arrived.text, actor, change.reason, change.judged, arrived.differs)
    return made if answer is None else made._replace(answer=answer)


class _OutOfDate(UsageError):
    """A row is not as its sender has seen it."""


def _change_device(request: Request, tables: Tables) -> tuple[str, Prepared]:
    """Return what becomes of a device, in words, and its import."""
    said = forms.DevicesForm.model_validate(request.data)
    match said.op:
        case "adopt":
            named = {"operation": said.point, "kind": said.kind, "role": said.role, "language": said.language}
            row = {"device": said.new, "plant": request.plant, "line": request.line, **named}
            return f"adopted {said.new}", adopt_device(tables, row, said.like)
        case "replace":
            if said.old == said.new:
                raise UsageError("replace: expected two ids, or one id twice and `begin`")
            return f"replaced {said.old} by {said.new}", replace_device(tables, said.old, said.new, said.first)
        case "disable" | "enable":
            return f"{said.op}d {said.old}", disable_device(tables, said.old, undo=said.op == "enable")


def _bring(request: Request, in_force: Tables, open_names: Sequence[str]) -> Prepared:
    """Return the import of the rows that a request says."""
    said = forms.ImportForm.model_validate(request.data)
    new = _read_rows(said.tables, in_force)
    _refuse_out_of_date(new, in_force, said.seen)
    if isinstance(said.remove, str):
        return judge_import(weigh(new, in_force, (), _MISSING[said.remove]), in_force, open_names)
    prepared = weigh(new, in_force)
    named = {tuple(key) for key in said.remove}
    if all((change.table, *change.key) in named for change in prepared.going):
        prepared = weigh(new, in_force, (), Missing.REMOVED)
    return judge_import(prepared, in_force, open_names)


def _read_rows(said: Mapping[str, Sequence[Mapping[str, str]]], in_force: Tables) -> Tables:
    """Read rows; a column that is left out of a row in force stays as it is."""
    rows: dict[str, list[TableRow]] = {}
    origins: dict[tuple[str, Key], Origin] = {}
    for table, of_table in said.items():
        kind = TABLES.get(table)
        if kind is RunRow:
            raise UsageError("runs: expected no rows: run-start and run-stop begin and end them")
        if kind is None:
            raise UsageError(f"{quote(table)}: expected a table of the master data")
        before = _by_key(in_force.of(kind))
        rows[table] = []
        for number, cells in enumerate(of_table, 1):
            key = tuple(cells.get(column, "") for column in kind.key_columns)
            known = before.get(key)
            row = _read_row(kind, {**(known.cells() if known is not None else {}), **cells}, number)
            if row.key() != key:  # its sender has to mean the very row that is changed
                raise UsageError(
                    f"{table} {number}: expected the name {_name(table, row.key())}, got {quote('/'.join(key))}"
                )
            if (table, row.key()) in origins:
                raise UsageError(f"{_name(table, row.key())}: expected it once, got it twice")
            origins[table, row.key()] = Origin("request", number)
            rows[table].append(row)
    return tables_of(rows, origins)


def _read_row(kind: type[TableRow], cells: Mapping[str, str], number: int) -> TableRow:
    try:
        return kind.parse({column: cell for column, cell in cells.items() if cell})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, found["loc"]))
        raise UsageError(f"{kind.table} {number}: {where}: {plain(found)}") from error


def _refuse_out_of_date(new: Tables, in_force: Tables, seen: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    """Refuse rows that are not in force as their sender has seen them, as far as that says; say what is different."""
    for table, rows in seen.items():
        kind = TABLES.get(table)
        if kind is None:
            raise UsageError(f"seen: {quote(table)}: expected a table of the master data")
        was = {tuple(cells.get(column, "") for column in kind.key_columns): cells for cells in rows}
        now = _by_key(in_force.of(kind))
        for row in new.of(kind):
            if changed := _describe_change(was.get(row.key()), now.get(row.key())):
                raise _OutOfDate(f"{_name(table, row.key())} {changed}")


def _describe_change(was: Mapping[str, str] | None, row: TableRow | None) -> str:
    """Describe the difference of a row from the one that was seen; empty for none."""
    if was is None or row is None:
        return "is there already" if row is not None else "is not there" if was is not None else ""
    now = row.cells()
    different = [(name, seen, now.get(name, "")) for name, seen in was.items() if now.get(name, "") != seen]
    told = "; ".join(f"{name} is {there or 'empty'}, not {seen or 'empty'}" for name, seen, there in different)
    return f"has changed meanwhile: {told}" if told else ""


def _refuse(prepared: Prepared) -> Rejection | None:
    errors = [_describe_finding(finding) for finding in prepared.findings if finding.severity == "error"]
    if errors:
        more = [f"and {len(errors) - _MOST_TOLD} more"] if len(errors) > _MOST_TOLD else []
        return Rejection(Reason.BAD_COMMAND, "; ".join([*errors[:_MOST_TOLD], *more]))
    if prepared.going:
        names = ", ".join(_name(change.table, change.key) for change in prepared.going[:_MOST_TOLD])
        rest = f" and {len(prepared.going) - _MOST_TOLD} more" if len(prepared.going) > _MOST_TOLD else ""
        return Rejection(Reason.ROWS_WOULD_GO, f"rows would go: {names}{rest}; `remove` says which of them may")
    return None


def _describe_finding(finding: Finding) -> str:
    return f"{'.'.join(filter(None, (finding.table, finding.field)))}: {finding.text}"


def _describe(changes: Sequence[Change]) -> dict[str, Any]:
    """Return the first changes as data, with the number of all."""
    return {"changes": [change.record for change in changes[:_MOST_CHANGES]], "changed": len(changes)}


def _by_key(rows: Any) -> dict[Key, TableRow]:  # noqa: ANN401 - rows of any table
    return {row.key(): row for row in rows}


def _name(table: str, key: Key) -> str:
    return f"{table} {'/'.join(part for part in key if part)}"
