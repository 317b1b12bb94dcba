"""Devices, one by one: adopt an unknown one into the master data, replace one by new hardware, disable one.

Each is an import of the table `devices` with one row added or changed, so it enters by the journal, is checked like
every import, and takes effect at once. No message enrols a device: a person does, with a reason.
"""

from typing import TYPE_CHECKING, Unpack

import click

from gateway.backflush.values.names import quote
from gateway.cli.produce.requests import ask
from gateway.cli.run.masterdata import take_and_print
from gateway.cli.shared.arguments import LINE, LinePlace, in_force, ledger
from gateway.cli.shared.command import Invocation, actor_option, command, group, pass_invocation, tell
from gateway.cli.shared.unanswered import Asked, timeout_option
from gateway.errors import UsageError

if TYPE_CHECKING:
    from gateway.masterdata.importing import Prepared

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
    **said: Unpack[Asked],
) -> None:
    """Add an unknown device, found in quarantine, to the master data.

    Its first accepted total is its baseline, unless `--set first=zero` declares that it began at zero, also with
    `--like`: the totals of the other device prove nothing about this one. Its entries in quarantine can be replayed,
    the oldest first.
    """
    from gateway.service.local.device_changes import prepare_adoption

    tables = in_force(invocation.settings())
    cells = {
        "device": device,
        **(place or LinePlace())._asdict(),
        "operation": point,
        "kind": kind or "",
        "role": role or "",
        **dict(map(_column, others)),
    }
    with ledger(invocation) as connection:
        prepared = prepare_adoption(connection, tables, cells, like)
    said["reason"] = f"adopted {device}: {said['reason']}"
    _import(invocation, prepared, said, device)


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
    invocation: Invocation, old: str, new: str, first: str, *, begins: tuple[str, ...], **said: Unpack[Asked]
) -> None:
    """Replace a device by new hardware, and disable the old device.

    The new device has an id and a login of its own; its other columns are those of the old one. Pieces that the old one
    has counted stay; let it report its last total first. Nothing is counted twice: their totals are independent.

    One id twice with `--begin` declares that the totals of this counter restart at N, if it cannot report that itself:
    pieces above N are counted. Declare it before the counter reports again, and when none of its messages is still on
    the way.
    """
    from gateway.masterdata.devices import device_of, replace_device

    tables = in_force(invocation.settings())
    if (old == new) != bool(begins):
        raise UsageError(
            f"replace: expected two ids, or one id twice and --begin, got {old} and {new}: if hardware keeps its id, "
            "a new `boot` or --begin declares that its totals begin again"
        )
    if begins:
        row = device_of(tables, old)
        data = {"op": "replace", "old": old, "new": new, "begin": dict(map(_begin, begins))}
        ask(invocation, "devices", LinePlace(row.plant, row.line), data, said)
        return
    said["reason"] = f"replaced {old} by {new}: {said['reason']}"
    _import(invocation, replace_device(tables, old, new, first), said, new)


@command("disable", example='backflush devices disable c-L04-good --reason "line is rebuilt"', data=True)
@click.argument("device")
@click.option("--undo", is_flag=True, help="Enable it again.")
@_reason
@actor_option
@timeout_option
@pass_invocation
def disable(invocation: Invocation, device: str, *, undo: bool, **said: Unpack[Asked]) -> None:
    """Disable a device: its messages are quarantined until it is enabled again."""
    from gateway.masterdata.devices import disable_device

    prepared = disable_device(in_force(invocation.settings()), device, undo=undo)
    said["reason"] = f"{'enabled' if undo else 'disabled'} {device}: {said['reason']}"
    _import(invocation, prepared, said, device if undo else "")


def _import(invocation: Invocation, prepared: "Prepared", said: Asked, device: str) -> None:
    """Import a change of devices, and report open quarantine entries of one that no total of it settles."""
    from gateway.ledger.reports.present import open_quarantine

    waiting: list[str] = []
    if device:
        with ledger(invocation) as connection:
            waiting = open_quarantine(connection, device)
    also = {"waiting": {"device": device, "entries": waiting}} if device else {}
    take_and_print(invocation.settings(), prepared, said, also)
    if waiting:
        tell(
            f"open quarantine entries of {device} that no later total closes: {len(waiting)}. "
            f"Replay them by `backflush quarantine replay --device {device}`, if possible before the device "
            "reports again; dismiss those that a later total has overtaken by then"
        )


def _column(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise click.BadParameter(f"expected COLUMN=VALUE such as max_step=600, got {quote(text)}", param_hint="--set")
    return name, value


def _begin(text: str) -> tuple[str, int]:
    from gateway.backflush.values.quantities import parse_whole

    kind, _, number = text.rpartition("=")
    total = parse_whole(number)
    if kind not in ("", "good", "gross", "scrap", "rework") or total is None:
        raise click.BadParameter(f"expected N or KIND=N such as good=310, got {quote(text)}", param_hint="--begin")
    return kind, total


for _command in (adopt, replace, disable):
    devices.add_command(_command)
