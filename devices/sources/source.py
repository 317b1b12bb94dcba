"""A source: the topics of another publisher, their decoder, and the rows that map topic and tag to a device."""

import json
from typing import Literal, NamedTuple, Self

from devices.messages import MAX_FOREIGN

Kind = Literal["", "good", "gross", "scrap", "rework"]
"""The meaning of a total; empty: that of the device's role."""


class MapRow(NamedTuple):
    """One row: what comes on a topic under a tag is a total of a device, or a scan of it."""

    device: str
    tag: str = ""
    """The tag as the decoder names it; for `proglove` the serial number of the scanner; empty where it has none."""
    topic: str = ""
    """A filter within that of the source; empty: all topics of it."""
    kind: Kind = ""


class ForeignSource(NamedTuple):
    """The messages of one publisher, as the configuration describes them."""

    filter: str
    decoder: str
    rows: tuple[MapRow, ...] = ()
    qos: int = 1
    max_bytes: int = MAX_FOREIGN
    host: str = ""
    """The id of the host application, for Sparkplug alone."""
    expressions: tuple[tuple[str, str], ...] = ()
    """For `jmespath` alone: pairs of a tag and its expression."""

    @property
    def text(self) -> str:
        """Its form in the journal and the ledger; `parse` reads it."""
        said = self._asdict().items()
        left = {name: value for name, value in said if value != self._field_defaults.get(name)}
        return json.dumps({**left, "rows": [list(row) for row in self.rows]}, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it again.

        >>> source = ForeignSource("a/#", "jmespath", (MapRow("c-1", "n"),), expressions=(("n", "count"),))
        >>> ForeignSource.parse(source.text) == source
        True
        """
        said = json.loads(text)
        said["rows"] = tuple(MapRow(*row) for row in said["rows"])
        said["expressions"] = tuple((tag, expression) for tag, expression in said.get("expressions", ()))
        return cls(**said)


def topic_of(source: ForeignSource, row: MapRow) -> str:
    """Return the filter of a row: its own, else that of its source."""
    return row.topic or source.filter
