"""The demo's ledger: the plant's import, its figures, its audit at the end, and a way to it for other commands."""

import json
import sys
import time
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.cli.run.demo_screen import DemoTotals
from gateway.cli.shared.output import print_json

if TYPE_CHECKING:
    from gateway.masterdata.tables import Tables
    from gateway.settings import Settings

_SOON_US: Final = 10_000_000


class DemoEnd(NamedTuple):
    """The result of the demo."""

    before: DemoTotals
    after: DemoTotals
    made: int
    unanswered: int
    seconds: float
    seed: int


def import_plant(settings: "Settings", tables: "Tables") -> None:
    """Put the plant into force."""
    from gateway.cli.shared.arguments import in_force
    from gateway.cli.shared.command import database_errors
    from gateway.masterdata.importing import weigh
    from gateway.masterdata.merge import Missing
    from gateway.service.local.imports import take_effect

    prepared = weigh(tables, in_force(settings), missing=Missing.REMOVED)
    with database_errors():
        take_effect(settings, prepared, "demo", "")


def read_figures(settings: "Settings", simulated: Container[str]) -> DemoTotals:
    """Return the sums of all lines, and what others than the simulated devices have reported of them."""
    from sqlalchemy import func, select, true

    from gateway.backflush.values.quantities import MICRO
    from gateway.ledger.database import tables as t
    from gateway.service.local.read_only import read_ledger

    columns = t.lines.c
    sums = [func.coalesce(func.sum(c), 0) for c in (columns.read, columns.counted, columns.posted, columns.scrap)]
    with read_ledger(settings) as connection:
        found = connection.execute(select(*sums, func.coalesce(func.sum(columns.quarantined), 0))).one()
        read, counted, posted, scrapped, quarantined = (int(value) // MICRO for value in found)
        documents = connection.scalar(select(func.count()).select_from(t.documents)) or 0
        others = sum(
            pieces
            for table, of in ((t.sources, true()), (t.quarantine, t.quarantine.c.state == "open"))
            for device, pieces in connection.execute(
                select(table.c.device, func.sum(table.c.yield_ + table.c.scrap)).where(of).group_by(table.c.device)
            )
            if device not in simulated
        )
    return DemoTotals(read, counted, posted, counted - posted, scrapped, documents, quarantined, int(others) // MICRO)


def count_closing(settings: "Settings") -> int:
    """Return the number of timed windows about to close."""
    from sqlalchemy import func, select

    from gateway.ledger.database import tables as t
    from gateway.service.local.read_only import read_ledger

    soon = time.time_ns() // 1000 + _SOON_US
    with read_ledger(settings) as connection:
        wanted = select(func.count()).select_from(t.windows).where(t.windows.c.close_at < soon)
        return connection.scalar(wanted) or 0


def conclude(end: DemoEnd, settings: "Settings", *, as_json: bool) -> bool:
    """Audit the ledger, print the result, and return whether all is well."""
    from gateway.ledger.audit.audit import audit
    from gateway.service.local.read_only import read_ledger

    with read_ledger(settings) as connection:
        laws = audit(connection)
    broken = [law for law in laws if not law.ok]
    figures = end.after
    read = figures.by_devices - end.before.by_devices
    balanced = (
        figures.read == figures.counted + figures.quarantined and figures.counted == figures.posted + figures.open
    )
    if as_json:
        print_json(
            {
                **figures._asdict(),
                "audit": "broken" if broken else "ok",
                "truth": end.made,
                "read_now": read,
                "unanswered": end.unanswered,
                "seconds": round(end.seconds, 1),
                "seed": end.seed,
                **({"broken": [finding for law in broken for finding in law.findings]} if broken else {}),
            }
        )
    else:
        from gateway.cli.run.demo_screen import print_summary

        print_summary(figures, read=read, made=end.made, seconds=end.seconds, laws=laws, unanswered=end.unanswered)
    return not broken and balanced and read == end.made


def write_configuration(settings: "Settings") -> Path:
    """Write a configuration with which other commands find the demo, and return its path."""
    from gateway.addresses import has_password

    url = settings.database_url
    said = {
        "gateway": {"id": settings.gateway.id, "data_dir": str(settings.gateway.data_dir.absolute())},
        "mqtt": {"url": settings.mqtt.url, "base_topic": settings.mqtt.base_topic, "protocol": settings.mqtt.protocol},
        "database": {} if has_password(url) else {"url": url},
        "posting": {"window": settings.posting.window},
    }
    file = settings.gateway.data_dir / "gateway.toml"
    sections = ("\n".join([f"[{name}]", *(f"{key} = {json.dumps(text)}" for key, text in some.items())])
                for name, some in said.items())  # fmt: skip
    file.write_text("\n".join(sections) + "\n", encoding="utf-8")
    return file


def program_name() -> str:
    """Return how this program is called in this folder: `make demo` needs nothing on the path."""
    called = Path(sys.argv[0]).absolute()
    if called.name != "backflush":
        return "backflush"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)
