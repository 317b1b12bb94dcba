"""The list of gateways with their health, and the newest hour of each, drawn and as a table."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from gateway.ledger.reports.postings import format_time
from gateway.web.board import Board
from gateway.web.lists import Query, WorkList
from gateway.web.tables import PageWords, Record, Table
from gateway.web.vitals import FIGURES, VitalsHistory, part_of

_COLUMNS: Final = " ".join(["at", *(f">{name}" for name in FIGURES)])


class SparkText(NamedTuple):
    """A drawing of a figure, with its name and numbers in the language of the page."""

    label: str
    newest: str
    """Empty: it is not told now."""
    least: str
    most: str
    lines: Sequence[str]


class GatewayHour(NamedTuple):
    """The newest hour of a gateway."""

    gateway: str
    sparks: Sequence[SparkText]
    table: Table


def list_gateways(board: Board) -> WorkList:
    """Return the list of gateways."""
    return WorkList(
        "gateways",
        "gateway phase lines at=heard >documents >worklist >backlog >quarantine >outbox >unconsumed >stale >dropped "
        ">memory_mb >free_gb",
        ("gateway",),
        watch=partial(_gateways, board),
        reach="all",
        beside=partial(_show_hours, board.vitals),
    )


def _gateways(board: Board, _: Query) -> Sequence[Record]:
    lines = [("/".join(of), heard.said.get("gateway")) for of, heard in sorted(board.floor.lines.items())]
    return [
        {
            "gateway": name,
            "phase": phase,
            "lines": " ".join(line for line, owner in lines if owner == name),
            **_vitals(board.floor.health(name)),
        }
        for name, phase in board.phases.items()
    ]


def _vitals(health: Mapping[str, Any]) -> Record:
    """Return figures of a gateway's health; any client of the broker may have sent it."""
    journal, devices = part_of(health, "journal"), part_of(health, "devices")
    same = ("worklist", "backlog", "quarantine", "outbox", "documents", "memory_mb", "dropped")
    return {
        "at": health.get("ts"),
        **{name: health.get(name) for name in same},
        "unconsumed": journal.get("unconsumed"),
        "stale": devices.get("stale"),
        "free_gb": _gigabytes(health.get("disk_free")),
    }


def _gigabytes(size: object) -> str | None:
    try:
        return str(round(size / 1e9, 1)) if isinstance(size, int) else None
    except OverflowError:
        return None


def _show_hours(vitals: VitalsHistory, words: PageWords) -> list[GatewayHour]:
    """Return the hour of each gateway of which something was heard."""
    return [
        GatewayHour(name, [*_sparks(vitals, words, name)], words.table(_COLUMNS, [*_rows(vitals, name)]))
        for name in vitals.gateways
        if vitals.sparks(name)
    ]


def _sparks(vitals: VitalsHistory, words: PageWords, name: str) -> Iterator[SparkText]:
    for spark in vitals.sparks(name):
        newest = words.number(_text(spark.newest)) if spark.newest is not None else ""
        least, most = (words.number(_text(number)) for number in (spark.least, spark.most))
        yield SparkText(words.texts[f"col_{spark.name}"], newest, least, most, spark.lines)


def _rows(vitals: VitalsHistory, name: str) -> Iterator[dict[str, str]]:
    for sample in vitals.rows(name):
        figures = {figure: _text(number) for figure, number in sample.figures.items()}
        yield {"at": format_time(int(sample.at_s * 1_000_000)), **figures}


def _text(number: float) -> str:
    """Print a figure with one decimal at most.

    >>> _text(12.0), _text(91.46)
    ('12', '91.5')
    """
    return f"{number:.1f}".removesuffix(".0")
