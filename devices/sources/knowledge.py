"""Knowledge of other publishers, from their own metadata and births, for as long as it holds.

It has two parts: the names of ids, by decoder and scope, and the lives of edge nodes. It is the state of its caller,
which keeps what changes; nothing else is remembered of a publisher, and both parts are bounded.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from devices.edge_nodes import EdgeNode
from devices.messages import Names

MOST_SCOPES: Final = 10_000
MOST_NAMES: Final = 200_000
MOST_NODES: Final = 10_000

Scope = tuple[str, str]
"""Decoder and scope."""
Node = EdgeNode[None]
"""An edge node without messages that wait."""


class Lesson(NamedTuple):
    """The change that one message makes to the knowledge."""

    names: Mapping[Scope, Mapping[str, str] | None] = MappingProxyType({})
    """The names of these scopes from now on; None: none."""
    nodes: Mapping[str, Node | None] = MappingProxyType({})
    """Edge nodes, by group and name; None: it is as if it had never spoken."""


NO_LESSON: Final = Lesson()


def _unique(names: Mapping[str, str]) -> Mapping[str, str] | None:
    """Return the names that one id alone has; None if there are none."""
    ids = Counter(names.values())
    return {id_: name for id_, name in names.items() if name and ids[name] == 1} or None


class Knowledge:
    """The names of ids and the lives of edge nodes, as known at one moment."""

    __slots__ = ("_count", "names", "nodes")

    def __init__(self) -> None:
        self.names: dict[Scope, Mapping[str, str]] = {}
        self.nodes: dict[str, Node] = {}
        self._count = 0

    def name_of(self, decoder: str, scope: str, key: str) -> str | None:
        """Return the tag that an id means; None if no names explain it."""
        known = self.names.get((decoder, scope))
        return None if known is None else known.get(key)

    def lesson(self, decoder: str, told: Iterable[Names]) -> Mapping[Scope, Mapping[str, str] | None] | None:
        """Return what these names change, in their order; None if that is more than can be kept.

        A name that two ids of a scope have is of neither, and an id with two names has none: one value is counted once.
        """
        changed: dict[Scope, Mapping[str, str] | None] = {}
        for scope, names, whole in told:
            key = decoder, scope
            if whole:
                below = f"{scope}/"
                known = (*self.names, *changed)
                changed.update({each: None for each in known if each[0] == decoder and each[1].startswith(below)})
                changed[key] = None
            if names:
                before = changed.get(key, self.names.get(key)) or {}
                fresh, last = changed.get(key) or {}, dict(names)
                twice = {id_: "" for id_, name in names if not last[id_] == name == fresh.get(id_, name)}
                changed[key] = {**before, **last, **twice}
        changed = {key: names and _unique(names) for key, names in changed.items() if names or key in self.names}
        more = sum(len(names or ()) - len(self.names.get(key, ())) for key, names in changed.items())
        scopes = sum((names is not None) - (key in self.names) for key, names in changed.items())
        if (more > 0 and self._count + more > MOST_NAMES) or (scopes > 0 and len(self.names) + scopes > MOST_SCOPES):
            return None
        return changed

    def learn(self, lesson: Lesson) -> None:
        """Take a lesson."""
        for key, names in lesson.names.items():
            self._count -= len(self.names.pop(key, ()))
            if names is not None:
                self.names[key] = names
                self._count += len(names)
        for name, node in lesson.nodes.items():
            if node is None:
                self.nodes.pop(name, None)
            else:
                self.nodes[name] = node
