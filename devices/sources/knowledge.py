"""Knowledge of other publishers, from their own metadata and births, for as long as it holds.

It has two parts: the names of ids, by decoder and scope, and the lives of edge nodes. It is the state of its caller,
which keeps what changes; nothing else is remembered of a publisher, and both parts are bounded.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
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


class Knowledge:
    """The names of ids and the lives of edge nodes, as known at one moment."""

    __slots__ = ("_below", "_count", "_shared", "names", "nodes")

    def __init__(self) -> None:
        self.names: dict[Scope, Mapping[str, str]] = {}
        self.nodes: dict[str, Node] = {}
        self._shared: dict[Scope, frozenset[str]] = {}
        """The names that several ids of a scope have."""
        self._below: dict[Scope, dict[Scope, None]] = {}
        """The scopes with names below each one; a birth of one of thousands of nodes does not look at the others."""
        self._count = 0

    def name_of(self, decoder: str, scope: str, key: str) -> str | None:
        """Return the tag that an id means; None if no name is its own."""
        known = self.names.get((decoder, scope))
        name = None if known is None else known.get(key)
        return None if self._shared and name in self._shared.get((decoder, scope), ()) else name

    def name_beside(self, decoder: str, scope: str, key: str) -> str | None:
        """Return the name that an id has together with other ids of its scope: it is of none of them."""
        name = self.names.get((decoder, scope), {}).get(key)
        return name if name in self._shared.get((decoder, scope), ()) else None

    def lesson(self, decoder: str, told: Iterable[Names]) -> Mapping[Scope, Mapping[str, str] | None] | None:
        """Return what these names change, in their order; None if that is more than can be kept.

        An id with two names has none.
        """
        changed: dict[Scope, Mapping[str, str] | None] = {}
        for scope, names, whole in told:
            key = decoder, scope
            if whole:
                fresh_below = [each for each in changed if each[1].startswith(f"{scope}/")]
                changed.update(dict.fromkeys((*self._below.get(key, ()), *fresh_below, key)))
            if names:
                before = changed.get(key, self.names.get(key)) or {}
                fresh, last = changed.get(key) or {}, dict(names)
                twice = {id_: "" for id_, name in names if not last[id_] == name == fresh.get(id_, name)}
                changed[key] = {**before, **last, **twice}
        changed = {
            key: {id_: name for id_, name in (names or {}).items() if name} or None
            for key, names in changed.items()
            if names or key in self.names
        }
        more = sum(len(names or ()) - len(self.names.get(key, ())) for key, names in changed.items())
        scopes = sum((names is not None) - (key in self.names) for key, names in changed.items())
        if (more > 0 and self._count + more > MOST_NAMES) or (scopes > 0 and len(self.names) + scopes > MOST_SCOPES):
            return None
        return changed

    def learn(self, lesson: Lesson) -> None:
        """Take a lesson."""
        for key, names in lesson.names.items():
            self._count -= len(self.names.pop(key, ()))
            self._shared.pop(key, None)
            for above in _above(key):
                below = self._below.setdefault(above, {})
                below.pop(key, None)
                if names is not None:
                    below[key] = None
                if not below:
                    del self._below[above]
            if names is not None:
                self.names[key] = names
                self._count += len(names)
                if len(names) > len({*names.values()}):
                    self._shared[key] = frozenset(name for name, ids in Counter(names.values()).items() if ids > 1)
        for name, node in lesson.nodes.items():
            if node is None:
                self.nodes.pop(name, None)
            else:
                self.nodes[name] = node


def _above(key: Scope) -> Iterator[Scope]:
    """Return the scopes above one.

    >>> list(_above(("sparkplug", "hall/node/press")))
    [('sparkplug', 'hall'), ('sparkplug', 'hall/node')]
    """
    decoder, scope = key
    at = scope.find("/")
    while at >= 0:
        yield decoder, scope[:at]
        at = scope.find("/", at + 1)
