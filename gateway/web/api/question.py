"""A question of a program: who asks, what, and the ledger as of one moment that answers it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from devices.errors import Rejection
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.quantities import parse_whole
from gateway.errors import Reason
from gateway.ledger.reports.postings import Record
from gateway.service.times import read_begin, read_end, zone_of
from gateway.settings import Settings
from gateway.web.problems import Problem
from gateway.web.rights import Reach, Visitor

_MOST_NUMBER: Final = 10**18


class Question(NamedTuple):
    """The question, and all that its answer needs."""

    connection: Connection
    master: MasterData
    settings: Settings
    visitor: Visitor
    path: Mapping[str, str]
    """The names in the address."""
    query: Any
    """The parameters, of the type that the operation says."""
    after: tuple[str, ...]
    """The key of the record that a page follows; empty: the list begins."""
    now: int
    silent: Collection[str]
    """The devices that their gateways miss."""

    @property
    def limit(self) -> int:
        """The number of records to read: one more than the page shows whether there are more."""
        return int(self.query.limit) + 1

    @property
    def line(self) -> tuple[str, str]:
        """The line that the address names."""
        return self.path["plant"], self.path["line"]

    def place(self, reach: Reach = "lines") -> tuple[str, str]:
        """Return plant and line that are asked for, empty for all; a Problem if that is not clear."""
        said = getattr(self.query, "line", "") or getattr(self.query, "plant", "")
        name = "line" if reach == "lines" else "plant"
        if said:
            plant, _, line = said.partition("/")
            return plant, line
        places = self.visitor.places(reach)
        if len(places) != 1:
            some = ", ".join("/".join(filter(None, place)) for place in places)
            raise Problem(400, f"{name}: expected one of yours, {some}: they are listed one at a time")
        return places[0]

    def where(self) -> str:
        """Return the place that is asked for as reports take it."""
        return "/".join(filter(None, self.place()))

    def times(self) -> tuple[int, int]:
        """Return begin and end of the time that is asked for, microseconds UTC; 0: none."""
        zone = zone_of(self.master, self.place()[0])
        return self._time("since", read_begin, zone), self._time("until", read_end, zone)

    def _time(self, name: str, read: Callable[[str, str], int | Rejection], zone: str) -> int:
        text = getattr(self.query, name, "")
        at = read(text, zone) if text else 0
        if isinstance(at, Rejection):
            raise Problem(400, f"{name}: {at.text}", errors=[{"field": name, "text": at.text}])
        return at

    def number(self, text: str) -> int:
        """Return the number of a document or entry; a Problem if it cannot be one."""
        number = parse_whole(text)
        if number is None or number >= _MOST_NUMBER:
            raise Problem(404, f"there is no {text[:40]!r}", Reason.UNKNOWN_DOCUMENT)
        return number

    def keep_visible(self, records: Sequence[Record]) -> list[Record]:
        """Return the records of the visitor's lines."""
        return [record for record in records if self.visitor.sees(record["plant"], record["line"])]

    def currency(self, plant: str) -> str:
        """Return the currency of a plant; empty if it is no longer maintained."""
        known = self.master.plants.get(plant)
        return known.currency if known is not None else ""


class Tagged(NamedTuple):
    """An answer that stays the same as long as its tag."""

    content: Any
    tag: str
