"""Dry runs: the engine steps on the ledger's committed state, in memory, and nothing is kept.

So the answer is the engine's own, with today's master data, runs, stock and serial numbers; only a posting in between
can change the real result.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from devices.errors import Rejection, show
from devices.sources.explain import explain
from devices.sources.first_sources import FirstSources
from devices.sources.guess import guess
from devices.sources.reading import ForeignMessage, Sources
from gateway.backflush.eviction import recall
from gateway.backflush.memory.changes import NO_FACTS, Changes
from gateway.backflush.memory.events import Action, Command, Event
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.posting.answers import waits
from gateway.backflush.prefetch import gather, inquire
from gateway.backflush.step import derive_state, step
from gateway.backflush.values.documents import ACTIVITY, DIRECT, FINAL, RECEIPT
from gateway.backflush.values.phrases import ENGLISH
from gateway.backflush.values.quantities import format_quantity, parse_quantity
from gateway.journal import Entry
from gateway.ledger.reports.postings import fields, inert
from gateway.ledger.store.facts import read_facts
from gateway.ledger.store.leases import Head
from gateway.ledger.store.load import load, master_bytes
from gateway.masterdata.build import build
from gateway.masterdata.tables import tables_in
from gateway.mqtt.topics import Topics
from gateway.service.fold.amending import amendment_of, amends
from gateway.service.fold.decode import Intake
from gateway.service.fold.meanings import zone_in
from gateway.service.fold.requests import Request, action_of
from gateway.service.local.read_only import read_ledger
from gateway.service.local.submission import system_clock
from gateway.settings import Settings


def load_state(settings: Settings) -> State:
    """Return the state of all lines, to be stepped and discarded."""
    everything = Head(0, "", "", ("*",), 0, 0, 0, 0, "", "", 0, 0)
    with read_ledger(settings) as connection:
        state, _ = load(connection, everything, lambda content: build(tables_in(content)).master)
    derive_state(state)
    state.rules = settings.rules
    return state


class Rehearsed(NamedTuple):
    """The changes of a step, and its documents in the form of a report."""

    changes: Changes
    documents: list[dict[str, Any]]
    standard: list[dict[str, str]]
    """The components and times that the lists have for its units, posted now or later."""


def dry_step(settings: Settings, make: Callable[[State], Event]) -> Rehearsed:
    """Step one event, which `make` creates from the state."""
    state, changes = load_state(settings), Changes()
    event, now = make(state), system_clock()
    with read_ledger(settings) as connection:
        read = partial(read_facts, connection, patterns=("*",), scopes=state.scopes)
        facts = gather(inquire(state, [event], now), read)
    step(state, changes, facts, now, [event])
    return Rehearsed(changes, _documents(changes, state.master), _standard(changes, state))


def dry_request(settings: Settings, request: Request) -> Rehearsed:
    """Step a request."""

    def command_of(state: State) -> Event:
        action: Action | Rejection
        if amends(request):
            with read_ledger(settings) as connection:
                text = master_bytes(connection) or b""
            action = amendment_of(request, 0, text, state.master, state.rules.open_names)
        else:
            action = action_of(request, state.master)
        return Command(0, request.verb, request.plant, request.line, action, request.actor, request.reason, "", "")

    return dry_step(settings, command_of)


def would_text(data: Mapping[str, Any]) -> str:
    """Return what is said instead of an answer's text: nothing was posted, and its documents have no number yet."""
    posted = f"; {data['posted']} would be posted" if data.get("posted", "0") != "0" else ""
    left = parse_quantity(data.get("waiting", "0"))
    waiting = f"; {waits(ENGLISH, left, data['point'])}" if left else ""
    return f"dry run: nothing was posted{posted}{waiting}"


def _documents(changes: Changes, master: MasterData) -> list[dict[str, Any]]:
    """Print the documents of a step, with the names of the documents report, without numbers."""
    text = format_quantity
    result = []
    for bracket in changes.documents:
        number = bracket.number
        reported = [row for row in changes.confirmations if row.document == number and not row.automatic]
        result.append(
            {
                "document": None,
                **fields(bracket, *_BRACKET),
                "currency": known.currency if (known := master.plants.get(bracket.plant)) is not None else "",
                "yield": text(sum(row.yield_ for row in reported)),
                "scrap": text(sum(row.scrap + row.lost for row in reported)),
                "rework": text(sum(row.rework for row in reported)),
                "items": [
                    {**fields(i, *_ITEM), "quantity": text(i.quantity), "unit": i.unit, "amount": text(i.amount)}
                    for i in changes.items
                    if i.document == number
                ],
                "activities": [
                    {**fields(work, *_ACTIVITY), "hours": text(work.hours), "amount": text(work.amount)}
                    for work in changes.activities
                    if work.document == number
                ],
                "waiting": [
                    {"process": r.key.process, "point": r.key.segment, "timing": r.timing, "units": text(r.units)}
                    for r in changes.rows
                    if r.document == number and r.state == "open"
                ],
                "backlog": [
                    {**fields(missing, *_MISSING), "quantity": text(missing.open), "unit": missing.unit}
                    for missing in changes.backlog
                    if missing.document == number
                ],
            }
        )
    return result


def _standard(changes: Changes, state: State) -> list[dict[str, str]]:
    """Return each component (without a work center) and time of a step, as far as no actual quantity replaces it."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for row in changes.rows:
        if row.state == "replaced" or row.key.process == RECEIPT:
            continue
        for item in state.explosions[row.key.explosion].part(
            row.key.process, row.key.segment, fixed=bool(row.key.scope)
        ):
            place = item.place if item.process == ACTIVITY else ""
            sums[place, item.object, item.unit] += item.quantity(row.low + row.units) - item.quantity(row.low)
    for direct in changes.items:
        if direct.origin == DIRECT:
            sums["", direct.material, direct.unit] += abs(direct.quantity)
    return [
        {"work_center": center, "name": name, "unit": unit, "quantity": format_quantity(quantity)}
        for (center, name, unit), quantity in sorted(sums.items())
    ]


_SHOWN = 6
"""Values of a message that are shown."""
_BRACKET = ("type", "plant", "line", "material", "version", "batch", "posting_date", "production_date", "shift")
_ITEM = ("movement", "material", "location", "batch", "stock_type")
_ACTIVITY = ("activity", "work_center", "cost_center")
_MISSING = ("movement", "material", "location", "cause")


class Shadow:
    """The engine in memory, fed with received messages: a repetition shows as a duplicate, and nothing is posted."""

    def __init__(self, settings: Settings) -> None:
        """Read the state from the ledger."""
        self._topics = Topics(settings.mqtt.base_topic, settings.gateway.id)
        self._state = load_state(settings)
        self._intake = Intake(self._topics, settings.rules, self._state.knowledge)
        self._sources = Sources(settings.sources)
        self.first_sources = FirstSources()
        """The sources that messages without one need."""
        self.has_master_data = bool(self._state.master.digest)

    def hear(self, topic: str, payload: bytes, *, retain: bool) -> dict[str, Any]:
        """Return the outcome that a message would have; of another publisher's, how a source reads it as well."""
        now, knowledge = system_clock(), self._state.knowledge
        zone = partial(zone_in, self._state.master)
        reading = self._sources.read(ForeignMessage(topic, payload, now, retained=retain), knowledge, zone)
        if reading is None and isinstance(self._topics.parse(topic), Rejection):
            outcome, why = self._guess(topic, payload)
        else:
            outcome, why = self._judge(topic, payload, now, retain=retain)
        reads = explain(reading, topic) if reading is not None else []
        return {"topic": topic, "outcome": outcome, "why": why, "reading": reads, "payload": inert(payload)}

    def _guess(self, topic: str, payload: bytes) -> tuple[str, str]:
        """Name the decoder that a message without a source would need, and the values that it would read."""
        if topic.startswith((f"{self._topics.base}/", "$")):
            return "not read", "the gateway does not subscribe to it"
        found = guess(topic, payload)
        if found is None:
            return "no source", "no decoder reads it"
        values = [f"{tag} {show(value)}" for tag, value in self.first_sources.hear(topic, found).items()]
        values += [f"{len(names.names)} names" for names in found.publication.names if names.names]
        values += ["online" if found.publication.online else "offline"] * (found.publication.online is not None)
        more = [f"{len(values) - _SHOWN} more"] if len(values) > _SHOWN else []
        return (
            "no source",
            f"{found.decoder}, because {found.why}: {', '.join([*values[:_SHOWN], *more]) or 'no value'}",
        )

    def _judge(self, topic: str, payload: bytes, now: int, *, retain: bool) -> tuple[str, str]:
        self._intake.at = now
        event = self._intake.decode(0, Entry("message", topic, payload, retain=retain), self._state.master, b"")
        if event is None:
            return "canary", "a gateway proves its subscriptions"
        if isinstance(event, Command):
            action = event.action
            return ("refused", action.text) if isinstance(action, Rejection) else ("request", event.verb)
        changes = Changes()
        before = self._read()
        # The sums of a posting are not read, because they are not shown.
        recall(self._state, inquire(self._state, [event], now).needs(), NO_FACTS)
        step(self._state, changes, NO_FACTS, now, [event])
        self._state.now = now
        return _describe_ending(changes, self._state, self._read() - before)

    def _read(self) -> int:
        return sum(line.read for line in self._state.lines.values())


def _describe_ending(changes: Changes, state: State, read: int) -> tuple[str, str]:
    """Return the outcome of a message and its reason, from its changes."""
    outcome = next(iter(changes.outcomes), "nothing")
    if changes.quarantine:
        entry = changes.quarantine[-1]
        units = entry.good + entry.scrap
        return "quarantine", f"{entry.code} {entry.text}" + (f" ({format_quantity(units)} units)" if units else "")
    if changes.groups:
        *_, group = changes.groups.values()
        return "quarantine", f"{group.text} (message {group.messages + 1} that is counted with one entry)"
    if changes.feedback:
        answer = changes.feedback[-1].outcome
        return outcome, f"{answer.result} {answer.code} {answer.title}: {answer.text}"
    if outcome == "state":
        return outcome, ", ".join(
            f"{name} {'online' if online else 'offline'}" for name, online in changes.online.items()
        )
    places = [key for key, window in changes.windows.items() if window is not None]
    where = [
        f"{flow.material} {flow.version}" + (f" at {key.point}" if key.point != FINAL else "")
        for key in places
        if (flow := state.flows.get(key.flow)) is not None
    ]
    totals = [f"{kind} {mark.total}" for (_, _, kind), mark in changes.device_marks.items()]
    made = [f"{format_quantity(read)} of {', '.join(where)}"] if read and where else []
    return outcome, ", ".join([*made, *([f"total {', '.join(totals)}"] if totals else [])])
