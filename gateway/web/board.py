"""The board: the plant as pages show it, kept as encoded pieces with a number that rises with each change.

A page that has seen everything up to a number gets the pieces that have changed since; a new one gets all of them. Each
piece is encoded once for all pages. Lines are judged again every second: one that counts nothing sends nothing.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple

from gateway.sections import BoardSection
from gateway.service.floor.floor import Floor, Heard
from gateway.web.ledger_reader import LedgerReader, MasterFacts
from gateway.web.rights import Place, Visitor
from gateway.web.tiles import (
    LineFacts,
    Picture,
    Shown,
    State,
    day_of,
    detail_of,
    figures_of,
    read_picture,
    show,
    state_of,
    tile_of,
    untold_tile,
)
from gateway.web.vitals import VitalsHistory

Topic = Literal["lines", "days", "detail"]
EVERY_S: Final = 0.25
"""Pages get four messages a second at most."""
_JUDGE_S: Final = 1.0
_NO_FACTS: Final = LineFacts()
_MOST_JOINED: Final = 256
"""Selections that are kept for pages that see the same, until something changes."""


class Piece(NamedTuple):
    """A part of the plant as pages get it."""

    number: int
    """That of the change that made it."""
    data: bytes


class _SeenLine(NamedTuple):
    """The newest status of a line."""

    heard: Heard
    picture: Picture
    at: float
    """When it was sent, in seconds of the clock."""


class Board:
    """Pieces of every line, and of the gateways. `hear` marks that something has changed; `run` encodes and wakes."""

    def __init__(self, floor: Floor, reader: LedgerReader, section: BoardSection) -> None:
        self.floor = floor
        self._reader = reader
        self._section = section
        self._pieces: dict[tuple[Topic, Place], Piece] = {}
        self._seen: dict[Place, _SeenLine] = {}
        self._shown: dict[Place, Shown] = {}
        self._untold: set[Place] = set()
        """Maintained lines of which no gateway has told anything."""
        self._is_news = True
        self._judged_s = float("-inf")
        self._gateways = Piece(0, b"")
        self._header: dict[str, Any] = {}
        self._alerts: list[dict[str, str]] = []
        self.vitals: Final = VitalsHistory(floor, time.time)
        self.frozen: str | None = None
        """The gateway of this machine, while it does not answer."""
        self.number = 0
        self._changed = asyncio.Condition()
        self._joined: dict[tuple[object, ...], list[tuple[str, bytes]]] = {}

    def hear(self) -> None:
        """Mark that the floor has news."""
        self._is_news = True

    async def run(self) -> None:
        """Encode what has changed four times a second, and wake the pages, until the task is cancelled."""
        while True:
            if self.refresh():
                async with self._changed:
                    self._changed.notify_all()
            await asyncio.sleep(EVERY_S)

    async def wait(self, seen: int, seconds: float) -> None:
        """Wait until there is more than a page has seen, for some seconds at most."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.number > seen)
        except TimeoutError:
            return

    def refresh(self) -> bool:
        """Judge and encode; return whether anything has changed."""
        now_s = time.monotonic()
        is_due = now_s - self._judged_s >= _JUDGE_S
        if not (self._is_news or is_due):
            return False
        self._is_news, self._judged_s = False, now_s if is_due else self._judged_s
        self.vitals.note(now_s)
        before, facts = self.number, self._reader.facts
        for place in [place for place in self._seen if place not in self.floor.lines]:
            self._forget(place)
        self._show_untold(facts)
        for place, heard in list(self.floor.lines.items()):
            seen = self._seen.get(place)
            if is_due or seen is None or seen.heard is not heard:
                self._judge(place, heard, facts, now_s)
        self._encode_gateways()
        if self.number != before:
            self._joined.clear()
        return self.number != before

    def _judge(self, place: Place, heard: Heard, facts: MasterFacts, now_s: float) -> None:
        seen = self._seen.get(place)
        if seen is None or seen.heard is not heard:
            picture = read_picture({**heard.said, "plant": place[0], "line": place[1]})
            seen = self._seen[place] = _SeenLine(heard, picture, time.time() - (now_s - heard.at_s))
            self._keep(("days", place), day_of(picture) or _take_back(place))
            self._keep(("detail", place), detail_of(picture))
        line = facts.lines.get(place, _NO_FACTS)
        is_frozen = self.frozen is not None and heard.said.get("gateway", self.frozen) == self.frozen
        figures = figures_of(
            seen.picture,
            max(0.0, now_s - heard.at_s),
            time.time(),
            is_live=self.floor.serves(heard.said) and not is_frozen,
            plant=facts.master.plants.get(place[0]),
            line=line,
        )
        shown = show(self._shown.get(place), state_of(figures, self._section), now_s)
        self._shown[place] = shown
        self._keep(("lines", place), tile_of(seen.picture, shown.state, line, seen.at))

    def _forget(self, place: Place) -> None:
        self._pieces.pop(("days", place), None)
        self._pieces.pop(("detail", place), None)
        self._seen.pop(place, None)
        self._shown.pop(place, None)
        self._keep(("lines", place), _take_back(place))

    def _show_untold(self, facts: MasterFacts) -> None:
        untold = facts.lines.keys() - self.floor.lines.keys()
        for place in self._untold - untold - self.floor.lines.keys():
            self._forget(place)
        for place in untold:
            self._keep(("lines", place), untold_tile(place, facts.lines[place]))
        self._untold = untold

    def _keep(self, key: tuple[Topic, Place], value: dict[str, Any]) -> None:
        piece = self._renew(self._pieces.get(key), value)
        self._pieces[key] = piece

    def _renew(self, piece: Piece | None, value: object) -> Piece:
        """Return the piece of a value: the same one if nothing has changed."""
        data = encode(value)
        if piece is not None and piece.data == data:
            return piece
        self.number += 1
        return Piece(self.number, data)

    def _encode_gateways(self) -> None:
        phases = self.phases
        alerts = sorted(
            self.floor.alert_records, key=lambda alert: (alert.get("severity") != "error", str(alert.get("since")))
        )
        known = sorted(self._reader.facts.master.plants.items())
        self._header = {
            "broker": self.floor.broker,
            "gateways": [{"gateway": gateway, "phase": phase} for gateway, phase in phases.items()],
            "ledger": self._reader.why_away is None,
            "plants": [{"plant": name, "name": each.name or name, "zone": each.time_zone} for name, each in known],
            "alerts": len(alerts),
            "errors": sum(alert.get("severity") == "error" for alert in alerts),
        }
        names = ("gateway", "id", "severity", "since", "text", "hint")
        self._alerts = [{name: str(alert.get(name, "")) for name in names} for alert in alerts]
        self._gateways = self._renew(self._gateways, [self._header, self._alerts])

    # -- for pages

    @property
    def states(self) -> dict[Place, State]:
        """Return the state that each line shows."""
        return {place: shown.state for place, shown in self._shown.items()}

    @property
    def phases(self) -> dict[str, str]:
        """The phase of each gateway, or why it is not there."""
        phases = {gateway: self.floor.presence(gateway).word for gateway in self.floor.gateways}
        return {name: "silent" if name == self.frozen else phase for name, phase in phases.items()}

    @property
    def silent(self) -> tuple[str, ...]:
        """The devices that their gateways miss."""
        return tuple(device for seen in self._seen.values() for device in seen.picture.silent)

    def silent_at(self, place: Place) -> tuple[str, ...]:
        """Return the devices of a line that its gateway misses."""
        seen = self._seen.get(place)
        return seen.picture.silent if seen is not None else ()

    def events(self, visitor: Visitor, wanted: "PageContent", seen: int) -> list[tuple[str, bytes]]:
        """Return the events that a page has not seen: their names and data. Pages that see the same share them."""
        key = (visitor.lines, wanted, seen)
        if key not in self._joined:
            if len(self._joined) >= _MOST_JOINED:
                self._joined.clear()
            self._joined[key] = list(self._select(visitor, wanted, seen))
        return self._joined[key]

    def _select(self, visitor: Visitor, wanted: "PageContent", seen: int) -> Iterator[tuple[str, bytes]]:
        if self._gateways.number > seen:
            mine = [plant for plant in self._header["plants"] if visitor.sees_some_of(plant["plant"])]
            told = {"told": self._alerts} if visitor.sees_all else {}
            yield "gateways", encode({**self._header, "plants": mine, **told})
        found: dict[Topic, list[bytes]] = {"lines": [], "days": [], "detail": []}
        for (topic, place), piece in self._pieces.items():
            is_new = piece.number > seen and not (seen == 0 and piece.data.endswith(_GONE))
            if is_new and topic in wanted.topics and wanted.holds(place) and visitor.sees(*place):
                found[topic].append(piece.data)
        for topic, some in found.items():
            if some:
                yield topic, b"[" + b",".join(some) + b"]"


class PageContent(NamedTuple):
    """The part of the plant that a page shows."""

    topics: frozenset[Topic] = frozenset({"lines", "days"})
    lines: frozenset[str] = frozenset()
    """As `1000/*` or `1000/L04`; empty: all."""

    def holds(self, place: Place) -> bool:
        """Return whether a line is among it."""
        return not self.lines or bool(self.lines & {f"{place[0]}/{place[1]}", f"{place[0]}/*"})


_GONE: Final = b'"gone":true}'


def _take_back(place: Place) -> dict[str, Any]:
    """Return what pages get instead of something that is no longer there."""
    return {"plant": place[0], "line": place[1], "gone": True}


def encode(value: object) -> bytes:
    """Print a value as JSON on one line."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
