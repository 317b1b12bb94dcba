"""Reports besides the documents: what is planned, runs, waits and is held back, periods, imports, devices, alerts.

Tables show the important figures and names; JSON and CSV have all of them.
"""

import time
from collections.abc import Mapping
from typing import Any

import click

from gateway.backflush.values.names import quote
from gateway.cli.shared.arguments import (
    PLACE,
    PLANT,
    LinePlace,
    document_filter,
    ledger,
    master_of,
    plant_times,
    refuse_unknown,
)
from gateway.cli.shared.command import ROWS, Invocation, command, pass_invocation
from gateway.cli.shared.output import CSV, cut, print_records
from gateway.errors import Unavailable, UsageError

_place = click.option("--line", "place", type=PLACE, default=LinePlace(), help="Only this line or plant.")
_material = click.option("--material", default="", help="Only this material.")
_limit = click.option("--limit", default=100, show_default=True, type=ROWS, help="At most this many, the newest first.")


@command("orders", example="backflush report orders --line 1000/L04 --open", records=True)
@_place
@_material
@click.option("--order", default="", help="This order only.")
@click.option("--open", "open_only", is_flag=True, help="Only orders with an open quantity.")
@click.option("--needs", is_flag=True, help="Show the components that they need, one row each.")
@_limit
@pass_invocation
def orders(
    invocation: Invocation,
    place: LinePlace,
    material: str,
    order: str,
    limit: int,
    *,
    open_only: bool,
    needs: bool,
    form: str,
) -> None:
    """Show planned orders and their progress, or the components they need; those that start last.

    JSON and CSV also have the units that passed each point.
    """
    from gateway.ledger.reports import lists

    with ledger(invocation) as connection:
        master = master_of(connection)
        which = lists.OrderFilter(str(place), material, order, open_only)
        records = lists.orders(connection, master, which, limit=limit + 1)
        refuse_unknown(connection, records, place=place, material=material)
        if order and not (records or lists.orders(connection, master, lists.OrderFilter(order=order))):
            raise UsageError(f"there is no planned order {quote(order)}")
    columns, also = "order closed material >quantity >reduced >open start finish line version plant", "points used"
    shown, more = cut(records, limit, last=True)
    if needs:
        about = ("order", "closed", "material", "start", "plant")
        shown = [{**{name: o[name] for name in about}, **c} for o in shown for c in o["components"]]
        columns, also = "order closed material component >quantity=needs >open=still_needs unit start plant", ""
    empty = "no planned orders" if not records else "no list says what they need"
    print_records(shown, f"{columns} | {also}", form=form, empty=empty,
                  row=lambda record: {**record, "closed": record["closed"] or None}, more=more)  # fmt: skip


@command("worklist", example="backflush report worklist --line 1000/L04", records=True)
@_place
@click.option("--sum", "cumulated", is_flag=True, help="One row per line: rows that wait, and the oldest.")
@pass_invocation
def worklist(invocation: Invocation, place: LinePlace, *, cumulated: bool, form: str) -> None:
    """Show goods issues and activities still to be posted, per line, version, point and posting date.

    It waits for its hold to be released, else for the configured schedule.
    """
    from gateway.ledger.reports import present

    with ledger(invocation) as connection:
        report = present.sum_worklist if cumulated else present.worklist
        records = report(connection, line=str(place))
        refuse_unknown(connection, records, place=place)
    if cumulated:
        columns = "line >issues >activities posting_date=oldest *held plant"

        def print_holds(record: Mapping[str, Any]) -> list[str]:
            return [f"{hold['process'] or 'all'} by {hold['actor'] or 'somebody'}" for hold in record["holds"]]

        print_records(records, columns, form=form, empty="nothing waits in the worklist",
                      row=lambda record: {**record, "held": print_holds(record)})  # fmt: skip
        return
    columns = "line material process point >units *for=waits_for posting_date=date timing >rows first_document version"
    schedule = invocation.settings().posting.worklist
    run = "backflush work" if schedule == "demand" else f"its schedule, {schedule}"
    print_records(records, f"{columns} plant | held_by", form=form, empty="nothing waits in the worklist",
                  row=lambda record: {
        **record, "for": run if record["held_by"] is None else f"release, held by {record['held_by'] or 'somebody'}"
    })  # fmt: skip


@command("lines", example="backflush report lines --line 1000/L04", records=True)
@_place
@pass_invocation
def lines(invocation: Invocation, place: LinePlace, *, form: str) -> None:
    """Show the figures of each line, as on its status topic, and the reasons why open pieces wait.

    Read is counted and quarantined, counted is posted and open, scrap included. A piece counts at each point that
    reports it. Reversed pieces stay in all of them, and are shown under reversed. Lost pieces are scrap.
    """
    from gateway.service.tell.lines import LINES, lines_now

    with ledger(invocation) as connection:
        now = time.time_ns() // 1000
        records = lines_now(connection, master_of(connection, *LINES), now, plant=place.plant, line=place.line)
        refuse_unknown(connection, records, place=place)
        at = plant_times(connection)
    columns = "line *makes >read >counted >posted >open waits=open_for >scrap >quarantined >backlog >worklist >reversed"
    columns += " >rework >scrap_open >quarantine=entries last_count >documents last_document plant"
    also = "run.material run.version run.start run.batch state_since"

    def row(record: Mapping[str, Any]) -> dict[str, Any]:
        run = record["run"] or {}
        makes = "/".join(filter(None, (run.get("material"), run.get("version"))))
        last = at(record["plant"], record["last_count"])
        ends = [wait["until"] if form == CSV else at(record["plant"], wait["until"]) for wait in record["waits"]]
        waits = list(map(_wait, record["waits"], ends))
        return {**record, "last_count": last, "makes": makes, "waits": waits, "quarantine": record["quarantine"] or ""}

    print_records(records, f"{columns} | {also}", form=form, empty="no line is maintained", row=row)


def _wait(wait: Mapping[str, Any], until: str | None) -> str:
    named = f"for {wait['for']}" if wait["for"] else ""
    ends = f"until {until}" if until else ""
    return f"{wait['units']} at {wait['point']} {' or '.join(filter(None, (named, ends)))}".rstrip()


@command("runs", example="backflush report runs --line 1000/L04", records=True)
@_place
@_material
@_limit
@pass_invocation
def runs(invocation: Invocation, place: LinePlace, material: str, limit: int, *, form: str) -> None:
    """Show the runs of lines, with start, end and actor; the newest first."""
    from gateway.ledger.reports import lists

    with ledger(invocation) as connection:
        found = lists.runs(connection, line=str(place), material=material, limit=limit + 1)
        refuse_unknown(connection, found, place=place, material=material)
        at = plant_times(connection)
    columns = "line material start end actor=begun_by batch sales_order sales_order_item=item revision version plant"
    records, more = cut(found, limit)
    print_records(records, columns, form=form, empty="no runs", more=more, row=lambda record: {
        **record, "start": at(record["plant"], record["start"]), "end": at(record["plant"], record["end"])
    })  # fmt: skip


@command("windows", example="backflush report windows --line 1000/L03", records=True)
@_place
@pass_invocation
def windows(invocation: Invocation, place: LinePlace, *, form: str) -> None:
    """Show counted pieces that no document holds yet, and what closes each window; `window-close` posts them."""
    from gateway.ledger.reports import open_windows

    with ledger(invocation) as connection:
        records = open_windows.windows(connection, line=str(place))
        refuse_unknown(connection, records, place=place)
        at = plant_times(connection)
    times = "first_at", "last_at", "closes_at"
    columns = "line material point >yield >scrap >rework closes_by closes_at last_at shift plant"
    print_records(records, f"{columns} | version production_date batch devices readings first_at", form=form,
                  empty="no window is open", row=lambda record: {
                      **record, **{name: at(record["plant"], record[name]) for name in times}})  # fmt: skip


@command("periods", example="backflush report periods --plant 1000", records=True)
@click.option("--plant", "place", type=PLANT, default=LinePlace(), help="Only this plant.")
@click.option(
    "--limit", default=13, show_default=True, type=ROWS, help="At most this many of a plant, the newest first."
)
@pass_invocation
def periods(invocation: Invocation, place: LinePlace, limit: int, *, form: str) -> None:
    """Show posting periods, open or closed, the newest first, and what is still open in each: it prevents closing."""
    from gateway.backflush.values.quantities import number_of
    from gateway.ledger.reports import lists

    with ledger(invocation) as connection:
        now = time.time_ns() // 1000
        records = lists.periods(
            connection,
            master_of(connection, "plants", "shifts", "calendar_exceptions"),
            now,
            plant=place.plant,
            limit=limit,
        )
        refuse_unknown(connection, records, place=place)

    def row(record: Mapping[str, Any]) -> dict[str, Any]:
        return {**record, "hinders": [number_of(hinder["count"], hinder["what"]) for hinder in record["hinders"]]}

    print_records(records, "plant period state hinders=still_open", form=form, empty="no plant", row=row)


@command("holds", example="backflush report holds", records=True)
@_place
@pass_invocation
def holds(invocation: Invocation, place: LinePlace, *, form: str) -> None:
    """Show lines whose worklist is held back, with actor, reason and time."""
    from gateway.ledger.reports import present

    with ledger(invocation) as connection:
        records = present.holds(connection, line=str(place))
        refuse_unknown(connection, records, place=place)
        at = plant_times(connection)
    columns = "plant line process=kind at=since actor=held_by reason"
    print_records(records, columns, form=form, empty="nothing is held back", row=lambda record: {
        **record, "process": record["process"] or "all", "at": at(record["plant"], record["at"])
    })  # fmt: skip


@command("corrections", example="backflush report corrections --since 2026-11-22 --actor anna", records=True)
@_place
@click.option("--actor", default="", help="Only this person or system.")
@click.option("--since", default="", metavar="TIME", help="Made since this date or time.")
@click.option("--until", default="", metavar="TIME", help="Made up to this date or time.")
@_limit
@pass_invocation
def corrections(
    invocation: Invocation, place: LinePlace, actor: str, since: str, until: str, limit: int, *, form: str
) -> None:
    """Show corrections, the newest first: what was corrected, by whom, when and why.

    Reversals, also those by UNDO and of scrap that was reported late; holds, backlog and quarantine entries that were
    settled, periods, counters that `devices replace` begins again.
    """
    from gateway.ledger.reports import lists

    with ledger(invocation) as connection:
        which = document_filter(connection, place, since, until)._replace(actor=actor)
        found = lists.corrections(connection, which, limit=limit + 1)
        refuse_unknown(connection, found, place=place)
        if actor and not found:
            lists.refuse_unknown_actor(connection, actor)
        at = plant_times(connection)
    records, more = cut(found, limit)
    columns = "at what line text=became actor=by reason document plant"
    print_records(records, f"{columns} | transaction", form=form, empty="no corrections", more=more,
                  row=lambda record: {**record, "at": at(record["plant"], record["at"])})  # fmt: skip


@command("imports", example="backflush report imports --limit 5", records=True)
@click.option("--limit", default=20, show_default=True, type=ROWS, help="At most this many, the newest first.")
@pass_invocation
def imports(invocation: Invocation, limit: int, *, form: str) -> None:
    """Show imports of master data, the newest first: actor, time, reason, and number of changed rows."""
    from gateway.ledger.reports import lists
    from gateway.masterdata.merge import find_changes

    with ledger(invocation) as connection:
        records = []
        for one in lists.imports(connection, limit=limit + 1):
            tables = find_changes(one.gone, one.came)
            sums = {kind: sum(of[kind] for of in tables.values()) for kind in ("added", "changed", "removed")}
            records.append({**one.record, "tables": tables, **sums})
        at = plant_times(connection)
    columns = "at actor=imported_by >added >changed >removed tables reason digest=master_data"
    records, more = cut(records, limit)
    print_records(records, columns, form=form, empty="no master data was imported yet", more=more, row=lambda record: {
        **record, "at": at("", record["at"]), "digest": record["digest"][:12], "tables": [*record["tables"]]
    })  # fmt: skip


@command("devices", example="backflush report devices --device c-L04-good", records=True)
@click.option("--device", default="", help="Only this device.")
@_place
@pass_invocation
def devices(invocation: Invocation, device: str, place: LinePlace, *, form: str) -> None:
    """Show all devices: their state, and the last accepted total of each life and kind.

    `heard` is the time of its last message that is kept; a repetition changes nothing. Those that the running gateway
    misses are stale or offline. Unknown ones are `seen`, as long as a message of theirs waits in quarantine.
    """
    from gateway.ledger.reports.devices import devices
    from gateway.service.local.running import silent_devices

    silent = silent_devices(invocation.settings())
    with ledger(invocation) as connection:
        master = master_of(connection, "devices")
        records = devices(connection, master, device=device, line=str(place), silent=silent)
        refuse_unknown(connection, records, place=place, device=device)
        at = plant_times(connection)

    def row(record: Mapping[str, Any]) -> dict[str, Any]:
        plant = record["plant"] or ""
        times = {name: at(plant, record[name]) for name in ("since", "heard_at", "at", "change_at")}
        return {**record, **times, **{name: record[name] or "" for name in ("quarantine", "late")}}

    columns = "device line point role state since kind=total_of >total heard_at=heard >quarantine >late boot plant"
    columns += " change change_at=changed"
    print_records(records, f"{columns} | units seq at disabled stale_s", form=form, empty="no devices", row=row)


@command("alerts", example="backflush report alerts", records=True)
@pass_invocation
def alerts(invocation: Invocation, *, form: str) -> None:
    """Show the current alerts of the running gateway; status 3 if none runs."""
    from gateway.service.local.running import ping

    settings = invocation.settings()
    said = ping(settings)
    if said is None:
        raise Unavailable(
            f"no gateway runs in {settings.gateway.data_dir}, so its alerts are unknown; `backflush doctor` checks "
            "what can be checked without a gateway"
        )
    records = said["alerts"]
    with ledger(invocation) as connection:
        at = plant_times(connection)
    columns = "id=alert text=what_is_wrong hint=what_to_do severity since object | objects"
    print_records(records, columns, form=form, empty=f"no alerts: gateway {said['gateway']} is {said['phase']}",
                  row=lambda record: {**record, "since": at("", record["since"])})  # fmt: skip


LISTS = (orders, worklist, windows, lines, runs, periods, holds, corrections, imports, devices, alerts)
