"""A book that lets a step see what it has asked for, and nothing else.

The ledger's answers are handed to the step in containers that know what was asked: whoever looks up anything else
there, though it would find nothing, breaks the law. So does who looks up a life of a device that was dropped; for
balances, accounts, flows and runs the engine itself asserts it.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import fields
from typing import Any

from gateway.backflush.memory.changes import Facts, Needs
from gateway.backflush.memory.events import Event
from gateway.backflush.memory.state import State
from gateway.backflush.prefetch import gather, inquire
from gateway.backflush.step import step
from gateway.backflush.values.counting import NEXT_LIFE
from tests.book import Book
from tests.builders import PLANT
from tests.stories import BEARERS

UNASKED: dict[str, Callable[[Needs], bool]] = {
    "worklist": lambda needs: needs.worklist is None,
    "backlog": lambda needs: needs.backlog is None and needs.worklist is None,
    "latest": lambda needs: needs.latest is None,
    "undone": lambda needs: needs.period is None,
    "unvalued": lambda needs: not needs.unvalued,
    "missing": lambda needs: not needs.unvalued,
}
"""Fields of the answer that hold nothing unless they are asked for: when they were not."""


class Answered(dict[Any, Any]):
    """What the ledger has answered of one kind; only what was asked may be looked up."""

    def __init__(self, found: dict[Any, Any], asked: Iterable[Hashable]) -> None:
        super().__init__(found)
        self.asked = {*found, *asked}

    def look(self, key: Any) -> None:
        assert key in self.asked, f"{key!r} was not read before it was touched"

    def get(self, key: Any, default: Any = None) -> Any:
        self.look(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.look(key)
        return super().__contains__(key)

    def __getitem__(self, key: Any) -> Any:
        self.look(key)
        return super().__getitem__(key)


class Lives(Answered):
    """The marks of a device's lives in memory; an older life may be looked up only if it was asked for."""

    def __init__(self, marks: dict[Any, Any], asked: Iterable[str]) -> None:
        super().__init__(marks, ())
        self.lives = {*asked, NEXT_LIFE}

    def look(self, key: Any) -> None:
        life, kind = key
        # Differences have one life, which is never dropped.
        read = kind.startswith("delta ") or life in self.lives or any(life == known for known, _ in self)
        assert read, f"life {life!r} was not read before it was touched"


class Strict(Facts):
    """Facts of which only what was asked may be looked up."""

    needs: Needs = Needs()

    def __getattribute__(self, name: str) -> Any:
        unasked = UNASKED.get(name)
        assert unasked is None or not unasked(type(self).needs), f"{name} was not read before it was touched"
        return super().__getattribute__(name)


def strict(state: State, facts: Facts, asked: Sequence[Needs]) -> Facts:
    """Return the facts of a step, and change its state, so that nothing else can be looked up."""

    def all_of(name: str) -> list[Any]:
        return [each for needs in asked for each in getattr(needs, name)]

    Strict.needs = asked[0] if asked else Needs()
    result = Strict()
    for field in fields(Facts):
        object.__setattr__(result, field.name, getattr(facts, field.name))
    for name, of in (
        ("scans", "scans"),
        ("serials", "serials"),
        ("commands", "commands"),
        ("quarantine", "quarantine"),
        ("folded", "quarantine"),
        ("records", "records"),
        ("there", "remeasured"),
    ):
        object.__setattr__(result, name, Answered(getattr(facts, name), all_of(of)))
    documents = (0, *all_of("documents"))
    result.documents = Answered(facts.documents, documents)
    unknown = {(PLANT, name) for name in BEARERS if name not in state.master.sales_orders}
    result.made = Answered(facts.made, {some[:2] for some in all_of("sold")} | unknown)
    for device, marks in state.marks_of_devices.items():
        lives = [boot for name, boot in all_of("marks") if name == device]
        state.marks_of_devices[device] = Lives(marks, lives) if marks else {}
    return result


class Guarded(Book):
    """A book whose steps see what they have asked for and nothing else."""

    def _step(self, events: list[Event]) -> None:
        self.state.beside = self.beside
        asked: list[Needs] = []

        def read(needs: Needs) -> Facts:
            asked.append(needs)
            return self.ledger.answer(needs)

        if events:
            facts = gather(inquire(self.state, events, self.now), read)
            step(self.state, self.changes, strict(self.state, facts, asked), self.now, events)
            lives = self.state.marks_of_devices
            lives.update({device: dict(marks) for device, marks in lives.items()})

    def audit(self) -> None:
        """Leave the laws of the ledger to others."""
