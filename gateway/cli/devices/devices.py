"""Devices, one by one: take one that was seen into the master data, put new hardware in the place of old, end one.

Each is an import of the table `devices` with one row added or changed, so it enters by the journal, is checked like
every import, and takes effect at once. Nothing is enrolled by a message: a person says so, and why.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import click

from gateway.cli.produce.requests import Asked, ask
from gateway.cli.produce.upkeep import open_of
from gateway.cli.run.masterdata import take_effect
from gateway.cli.shared.arguments import LINE, LinePlace, in_force, ledger
from gateway.cli.shared.command import Invocation, actor_option, command, group, pass_invocation, tell
from gateway.cli.shared.unanswered import timeout_option
from gateway.errors import Reason, UsageError

if TYPE_CHECKING:
    from gateway.masterdata.rows import DeviceRow
    from gateway.masterdata.tables import Tables
    from gateway.settings import Settings

_MOST_SEEN = 1000
_NOT_TAKEN = ("first", "disabled")
"""Columns that say how one piece of hardware began and ended: another one never has them from it."""
_reason = click.option("--reason", required=True, help="The reason; recorded with the import.")


@group("devices")
def devices() -> None:
    """Take devices into the master data, replace and disable them; `report devices` lists them."""


@command("adopt", example='backflush devices adopt L04-CNT9 --like c-L04-good --reason "second counter"', data=True)
@click.argument("device")
@click.option("--line", "place", type=LINE, help="Its plant and line; by default where it was seen.")
@click.option("--like", metavar="DEVICE", default="", help="Copy the other columns from this device.")
@click.option("--point", default="", help="The reporting point that it counts; by default the final backflush.")
@click.option(
    "--kind", type=click.Choice(["counter", "scanner"]), help="Counter or scanner; by default as it was seen."
)
@click.option("--role", type=click.Choice(["good", "gross", "scrap"]), help="The meaning of a bare number.")
@click.option("--set", "others", multiple=True, metavar="COLUMN=VALUE", help="Another column of the table `devices`.")
@_reason
@actor_option
@timeout_option
@pass_invocation
def adopt(
    invocation: Invocation,
    device: str,
    place: LinePlace | None,
    like: str,
    *,
    point: str,
    kind: str | None,
    role: str | None,
    others: tuple[str, ...],
    reason: str,
    actor: str,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Take an unknown device that was seen into the master data.

    The first total that is believed is its baseline, unless `--set first=zero` says that it began at zero; whatever
    `--like` names, for what that one had counted before says nothing of this one. What waits in quarantine may be
    replayed, the oldest first.
    """
    settings = invocation.settings()
    tables = in_force(settings)
    known = _rows(tables)
    if device in known:
        raise UsageError(f"device {device} is in the master data already, at {_where(known[device])}")
    seen = _last_place(invocation, device)
    cells = _find(known, like).cells() if like else {}
    said = {
        "device": device,
        "plant": place.plant if place else seen["plant"],
        "line": place.line if place else seen["line"],
        "operation": point,
        "kind": kind or seen["kind"],
        "role": role or "",
        **dict.fromkeys(_NOT_TAKEN, ""),
        **dict(map(_column, others)),
    }
    row = _row({**cells, **{column: value for column, value in said.items() if value or column in _NOT_TAKEN}})
    change = f"adopted {device}: {reason}"
    rows = {**known, device: row}
    _import(settings, tables, rows, (actor, change), _waiting(invocation, device), timeout=timeout, as_json=as_json)


@command("replace", example='backflush devices replace c-L04-good L04-CNT9 --reason "broken"', data=True)
@click.argument("old")
@click.argument("new")
@click.option(
    "--first",
    type=click.Choice(["baseline", "zero"]),
    default="baseline",
    show_default=True,
    help="The meaning of its first total: a starting point, or pieces made since it was installed.",
)
@click.option(
    "--begin",
    "begins",
    multiple=True,
    metavar="[KIND=]N",
    help="For one id given twice: its totals begin again at N. KIND: good, gross, scrap, rework; by default its role.",
)
@_reason
@actor_option
@timeout_option
@pass_invocation
def replace(
    invocation: Invocation,
    old: str,
    new: str,
    first: str,
    *,
    begins: tuple[str, ...],
    reason: str,
    actor: str,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Let new hardware take the place of old; the old one is disabled.

    The new one has an id and a login of its own, and is all else that the old one was. What the old one has counted
    stays; let it say its last total before. Nothing is counted twice: their totals have nothing to do with each other.

    One id twice with `--begin` says that the totals of this counter begin again at N, which it cannot say itself: what
    it counts above N is counted. Say it before it speaks again, and when nothing of it is still on the way.
    """
    settings = invocation.settings()
    tables = in_force(settings)
    known = _rows(tables)
    if (old == new) != bool(begins):
        raise UsageError(
            f"replace: expected two ids, or one id twice and --begin, got {old} and {new}: if hardware keeps its id, "
            "a new `boot` or --begin declares that its totals begin again"
        )
    if begins:
        row = _find(known, old)
        data = {"op": "replace", "old": old, "new": new, "begin": dict(map(_begin, begins))}
        said = Asked(actor=actor, reason=reason, transaction="", timeout=timeout, as_json=as_json)
        ask(invocation, "devices", LinePlace(row.plant, row.line), data, **said)
        return
    if new in known:
        raise UsageError(f"device {new} is in the master data already, at {_where(known[new])}")
    cells = _find(known, old).cells()
    rows = {
        **known,
        old: _row({**cells, "disabled": "yes"}),
        new: _row({**cells, "device": new, "first": first, "disabled": ""}),
    }
    change = f"replaced {old} by {new}: {reason}"
    waiting = _waiting(invocation, new)
    _import(settings, tables, rows, (actor, change), waiting, off=old, timeout=timeout, as_json=as_json)


@command("disable", example='backflush devices disable c-L04-good --reason "line is rebuilt"', data=True)
@click.argument("device")
@click.option("--undo", is_flag=True, help="Enable it again.")
@_reason
@actor_option
@timeout_option
@pass_invocation
def disable(
    invocation: Invocation,
    device: str,
    *,
    undo: bool,
    reason: str,
    actor: str,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Disable a device: its messages are quarantined until it is enabled again."""
    settings = invocation.settings()
    tables = in_force(settings)
    known = _rows(tables)
    row = _row({**_find(known, device).cells(), "disabled": "" if undo else "yes"})
    change = f"{'enabled' if undo else 'disabled'} {device}: {reason}"
    waiting = _waiting(invocation, device) if undo else None
    rows, off = {**known, device: row}, "" if undo else device
    _import(settings, tables, rows, (actor, change), waiting, off=off, timeout=timeout, as_json=as_json)


class _Waiting(NamedTuple):
    """What of a device waits in quarantine: no total of it settles what it said while nobody believed it."""

    device: str
    entries: tuple[str, ...]


def _waiting(invocation: Invocation, device: str) -> _Waiting:
    return _Waiting(device, open_of(invocation, device))


def _import(
    settings: "Settings",
    tables: "Tables",
    rows: Mapping[str, "DeviceRow"],
    why: tuple[str, str],
    waiting: _Waiting | None,
    *,
    off: str = "",
    timeout: float | None,
    as_json: bool,
) -> None:
    """Import rows of devices, of which one was switched off."""
    from gateway.masterdata.by_hand import find_disabled
    from gateway.masterdata.importing import weigh
    from gateway.masterdata.rows import DeviceRow
    from gateway.masterdata.tables import tables_of

    new = tables_of({DeviceRow.table: rows.values()}, {})
    prepared = weigh(find_disabled(new, off) if off else new, tables)
    # Who looks after devices is told nothing of what an import of other tables would warn of.
    told = [finding for finding in prepared.findings if finding.severity == "error" or finding.table == DeviceRow.table]
    prepared = prepared._replace(findings=told)
    also = {"waiting": waiting._asdict()} if waiting is not None else {}
    take_effect(settings, prepared, *why, timeout=timeout, as_json=as_json, also=also)
    if waiting is not None and waiting.entries:
        tell(
            f"open quarantine entries of {waiting.device}: {len(waiting.entries)}; no later total closes them. "
            f"Replay them by `backflush quarantine replay --device {waiting.device}`, if possible before the device "
            "reports again; dismiss those that a later total has overtaken by then"
        )


def _rows(tables: "Tables") -> dict[str, "DeviceRow"]:
    from gateway.masterdata.rows import DeviceRow

    return {row.device: row for row in tables.of(DeviceRow)}


def _find(known: Mapping[str, "DeviceRow"], device: str) -> "DeviceRow":
    if device not in known:
        raise UsageError(
            f"device {device!a}: expected a device in the master data; `backflush report devices` lists them"
        )
    return known[device]


def _where(row: "DeviceRow") -> str:
    return f"{row.plant}/{row.line}"


def _last_place(invocation: Invocation, device: str) -> dict[str, str]:
    """Return where an unknown device was last seen and as what, from what of it was quarantined for being unknown."""
    from gateway.ledger import reports

    with ledger(invocation) as connection:
        entries = reports.quarantine(connection, state="", device=device, limit=_MOST_SEEN)
    unknown = [entry for entry in entries if entry["code"] == Reason.UNKNOWN_DEVICE]
    if not unknown:
        raise UsageError(
            f"device {device!a}: expected a device that was seen, but no message from it is in quarantine; is the id "
            "right? `backflush masterdata import` adds devices that have not reported yet"
        )
    scans = unknown[0]["topic"].endswith("/scan")
    return {
        "plant": unknown[0]["plant"],
        "line": unknown[0]["line"],
        "kind": "scanner" if scans else "counter",
    }


def _column(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise click.BadParameter(f"expected COLUMN=VALUE such as max_step=600, got {text!a}", param_hint="--set")
    return name, value


def _begin(text: str) -> tuple[str, int]:
    from gateway.backflush.values.quantities import parse_whole

    kind, _, number = text.rpartition("=")
    total = parse_whole(number)
    if kind not in ("", "good", "gross", "scrap", "rework") or total is None:
        raise click.BadParameter(f"expected N or KIND=N such as good=310, got {text!a}", param_hint="--begin")
    return kind, total


def _row(cells: Mapping[str, str]) -> "DeviceRow":
    from pydantic import ValidationError

    from gateway.masterdata.rows import DeviceRow
    from gateway.service.fold.requests import describe_errors

    unknown = sorted(cells.keys() - DeviceRow.model_fields.keys())
    if unknown:
        raise UsageError(f"--set {unknown[0]!a}: expected a column of devices: {', '.join(DeviceRow.model_fields)}")
    try:
        return DeviceRow.parse({column: value for column, value in cells.items() if value})
    except ValidationError as error:
        raise UsageError(f"devices.{describe_errors(error)}") from error


for _command in (adopt, replace, disable):
    devices.add_command(_command)
