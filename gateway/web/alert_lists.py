"""The list of alerts, each of which leads to the page where its cause is worked on."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from gateway.web.board import Board
from gateway.web.lists import Query, WorkList
from gateway.web.tables import PageWords, Record, TableCell

_ALERT_PAGES: Final[Mapping[str, frozenset[str]]] = {
    "/imports": frozenset({"no-master-data"}),
    "/quarantine": frozenset({"quarantine"}),
    "/backlog": frozenset({"backlog", "backlog-age"}),
    "/worklist": frozenset({"worklist-age", "scrap-open"}),
    "/devices": frozenset({"silent", "flapping", "late-telegrams", "clock-skew"}),
}
"""The page where the cause of an alert is worked on; that of devices has what the alert names."""


def alerts_list(board: Board) -> WorkList:
    """Return the list of the alerts that the process hears."""
    return WorkList(
        "alerts",
        "id=alert severity text hint since gateway objects",
        ("severity", "gateway", "id"),
        watch=partial(_alerts, board),
        reach="all",
        row=_alerts_row,
    )


def _alerts(board: Board, _: Query) -> Sequence[Record]:
    names = ("gateway", "id", "severity", "since", "text", "hint", "objects")
    return [{name: alert.get(name) for name in names} for alert in board.floor.alert_records]


def _alerts_row(record: Record, _: PageWords) -> Record:
    """Lead from an alert to the page where it is worked on, and to the devices that it names."""
    name, objects = str(record["id"]), record["objects"]
    page = next((page for page, ids in _ALERT_PAGES.items() if name in ids), "")
    if page == "/devices" and isinstance(objects, list):
        objects = [TableCell(str(each), f"/devices/{quote(str(each), safe='')}") for each in objects]
    return {**record, "id": TableCell(name, page), "objects": objects}
