"""Answers held against the books: what a person, a system or a scanner is told is what has changed, and nothing else.

`AnsweringBook` commits around each command and scan, and compares what was told with what the ledger holds more than
before. Nothing of the engine's own reckoning is used: documents, rows and records are counted as they lie there.

Laws
    a refusal, a duplicate and a card that chooses change no book; the units of a refused scan stand in quarantine
    an answer names each document that it made, and none that it did not make
    its quantities are those of the documents, of what waits, of the worklist and of the backlog
    it says that a thing is so (posted, reversed, closed, held, replayed) exactly if it is
"""

import json
import re
from typing import Any, Final

from devices.errors import Rejection
from gateway.backflush.memory import events
from gateway.backflush.memory.changes import Response
from gateway.backflush.memory.events import Command, Event, Scanned
from gateway.backflush.memory.records import Outcome
from gateway.backflush.plant.versions import run_at
from gateway.backflush.values.documents import Document
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT
from tests.changed import Change, holds, left_of, picture, quantity

_KEPT: Final = frozenset({"quarantine", "lines"})
"""What a refused scan changes: the entry that keeps it, and its units, which were read."""
_NUMBER = re.compile(r"\b\d{10}\b")
_POSTED = re.compile(r"(-?[\d.]+)(?: and [\d.]+ (?:lost|reworked))* posted in \d")
_HOLDS = re.compile(r"^component (\S+): location (\S+) holds (\S+), needed are ([\d.]+)")
_HINDERS = re.compile(r"(\d+) (worklist row|backlog record)s?")
_MISSING = re.compile(r"(\S+): (\S+) \S+ missing at (\S+), which holds (-?[\d.]+)")
_OTHERS = re.compile(r"([\d.]+) (?:of batch|without a batch)")
_TOTAL = re.compile(r" total (\S+)$")
_TAKEN_OFF = re.compile(r"scrap of (\S+) is taken off what is posted")
_TAKEN = re.compile(r"([\d.]+) (?:waited and (?:is|are) withdrawn|stays? posted, because a later point)")
_WAIT = re.compile(r"([\d.]+) waits? for point (\S+?)[,;]?(?:\s|$)")


def reason_in(outcome: Outcome) -> str:
    """Return the sentence of a refusal, as quarantine and commands have it; else the answer's text."""
    return dict(outcome.facts).get("reason", outcome.text)


class AnsweringBook(Book):
    """A book whose answers are held against it."""

    def feed(self, *events: Event) -> None:
        """Fold a batch, and hold what an answer has promised of its end against what came of it."""
        short, told = self._short(), (len(self.responses), len(self.feedback))
        super().feed(*events)
        self.commit()
        texts = [response.text for response in self.responses[told[0] :]]
        texts += [feedback.outcome.text for feedback in self.feedback[told[1] :]]
        for said in (quantity(said) for text in texts for said in _TAKEN_OFF.findall(text)):
            assert 0 <= short - self._short() <= said == short, texts

    def _short(self) -> int:
        return sum(window.short for window in self.ledger.windows.values())

    def _step(self, events: list[Event]) -> None:
        if not (len(events) == 1 and isinstance(events[0], Command | Scanned)):
            super()._step(events)
            return
        self.commit()
        before, responses, told = picture(self.ledger), len(self.responses), len(self.feedback)
        super()._step(events)
        self.commit()
        change = Change(before, self.ledger)
        if isinstance(events[0], Command):
            [response] = self.responses[responses:]
            judge_command(change, events[0], response)
        else:
            [feedback] = self.feedback[told:]
            judge_scan(change, events[0], feedback.outcome)


def names_what_it_made(change: Change, text: str) -> None:
    """Hold an answer to the documents that were made."""
    told = {int(number) for number in _NUMBER.findall(text)}
    assert told - change.before.documents.keys() == change.made, text


def judge_command(change: Change, event: Command, response: Response) -> None:
    """Hold the answer to a command against the books."""
    data, text = json.loads(response.data), response.text
    assert text, event
    if response.status != "ok":
        assert (change.touched, data) == (set(), {}), (change.touched, event.action, text)
        _refused(change, event, response)
        return
    known = change.before.commands.get(event.transaction) if event.transaction else None
    if known is not None:
        assert (change.touched, json.loads(known[1])) == (set(), ["ok", "BF0000", text, data])
        return
    if isinstance(event.action, events.Hold | events.Period | events.Begin | events.RunStart | events.RunStop):
        _kept(change, event.action, text, data)
    else:
        _booked(change, event.action, text, data)


def _booked(change: Change, action: events.Action | Rejection, text: str, data: dict[str, Any]) -> None:
    """Hold an answer to what books something."""
    match action:
        case events.Post():
            _posted(change, action, text, data)
        case events.Reverse():
            _reversed(change, action, text, data)
        case events.ReverseLatest(quantity=wanted):
            names_what_it_made(change, text)
            assert {int(number) for number in data["documents"]} == change.made
            assert data["complete"] == (-change.said == wanted), text
            assert data["complete"] or text.startswith(f"{format_quantity(-change.said)} reversed by "), text
        case events.WindowClose():
            _posted(change, action, text, data)
        case events.Work():
            _worked(change, action, text, data)
        case events.BacklogRetry():
            _retried(change, text, data)
        case events.BacklogCorrect(record):
            was, now = change.before.backlog[record], change.after.backlog[record]
            names_what_it_made(change, text)
            assert (int(data["document"]), now.open) == (*change.made, 0)
            assert quantity(data["closed"]) == now.closed - was.closed
        case events.BacklogClose():
            _closed(change, text, data)
        case _:
            _settled(change, text, data)


def _kept(change: Change, action: events.Action, text: str, data: dict[str, Any]) -> None:
    """Hold an answer to what decides how others are booked."""
    match action:
        case events.Hold(plant, line, process, held):
            here = {hold for hold in change.after.holds if hold[:2] == (plant, line)}
            assert data["held"] == bool(here)
            if held:
                assert ((plant, line, process) in here, change.made) == (True, set())
            else:
                gone = change.open_rows(change.before) - change.open_rows(change.after)
                assert (data["documents"], data["posted"]) == (len(change.made), gone), text
                assert data["released"] == (change.before.holds != change.after.holds)
        case events.Period(plant, period, closed):
            assert ((plant, period) in change.after.closed_periods) == closed
            assert ("already" in text) == (change.before.closed_periods == change.after.closed_periods), text
            assert change.touched <= {"closed_periods"}
        case events.Begin():
            assert change.touched <= {"device_marks"}
        case events.RunStart(material=material, start=start):
            run = run_at(change.after.runs[PLANT, LINE], start or change.after.now)
            assert (run and run.material, data["material"]) == (material, material), text
            read = [sum(line.read for line in ledger.lines.values()) for ledger in (change.before, change.after)]
            told = {total["result"] for total in data["totals"].values()}
            assert ("counted" in told) <= (read[0] < read[1]) <= bool(told & {"counted", "refused"}), text
        case events.RunStop():
            assert data["stopped"] == ("runs" in change.touched), text


def _retried(change: Change, text: str, data: dict[str, Any]) -> None:
    done = change.open_records(change.before).keys() - change.open_records(change.after).keys()
    assert (data["documents"], data["posted"]) == (len(change.made), len(done)), text
    assert text.startswith(f"{len(done)} posted in {len(change.made)} document"), text
    assert data["left"] == len(change.open_records(change.after)), text
    for material, missing, location, there in _MISSING.findall(text):
        where = material, location
        records = [r for r in change.after.backlog.values() if (r.material, r.location) == where]
        held = [units for key, units in change.after.stock.items() if (key.material, key.location) == where]
        assert quantity(missing) == sum(record.open for record in records), text
        [part] = [part for part in text.split("; ") if part.startswith(f"{material}: ")]
        assert sum(map(quantity, [there, *_OTHERS.findall(part)])) == sum(held), text


def _refused(change: Change, event: Command, response: Response) -> None:
    """Hold what a refusal says of the books against them: what is there, what was taken back, what is in the way."""
    text, documents = response.text, change.before.documents
    named = [int(number) for number in _NUMBER.findall(text)]
    match response.code:
        case Reason.UNKNOWN_DOCUMENT:
            assert not documents.keys() & {*named}, text
        case Reason.ALREADY_REVERSED:
            first, *by = named
            assert all(documents[number].reverses in {first, *_followers(documents, first)} for number in by), text
        case Reason.NEGATIVE_WIP:
            assert all(not documents[number].reverses and holds(change.before, number) for number in named), text
        case Reason.SHORTAGE:
            [(material, location, there, needed)] = _HOLDS.findall(text)
            stock = change.before.stock
            held = [stock[key] for key in stock if (key.material, key.location) == (material, location)]
            assert quantity(there) < quantity(needed), text
            assert sum(map(quantity, [there, *_OTHERS.findall(text)])) == sum(held), text
        case Reason.BAD_QUANTITY if isinstance(event.action, events.ReverseLatest):
            assert f"not {format_quantity(event.action.quantity)}" in text, text
        case Reason.BAD_DATE | Reason.PERIOD_NOT_DONE if isinstance(event.action, events.Period):
            rows = sum(row.state == "open" for row in change.before.rows.values())
            records = len(change.open_records(change.before))
            for count, what in _HINDERS.findall(text):
                assert int(count) == (rows if what == "worklist row" else records), text


def _followers(documents: dict[int, Document], first: int) -> set[int]:
    """Return the documents that follow from one, directly or not."""
    found = {first}
    for number in sorted(documents):
        if documents[number].caused_by in found:
            found.add(number)
    return found


def _posted(change: Change, action: events.Post | events.WindowClose, text: str, data: dict[str, Any]) -> None:
    names_what_it_made(change, text)
    assert {int(number) for number in data["documents"]} == change.made
    posted, waiting = quantity(data["posted"]), quantity(data["waiting"])
    assert waiting == change.waiting, text
    assert posted + waiting == change.said, text
    if isinstance(action, events.Post):
        product = action.type in ("assembly", "point", "scrap") and not action.after
        assert change.said == (action.quantity if product else 0), text
    assert [quantity(said) for said in _POSTED.findall(text)] == ([posted] if posted else []), text
    assert [quantity(said) for said, _ in _WAIT.findall(text)] == ([waiting] if waiting else []), text
    assert [point for _, point in _WAIT.findall(text)] == ([data["point"]] if waiting else []), text


def _reversed(change: Change, action: events.Reverse, text: str, data: dict[str, Any]) -> None:
    names_what_it_made(change, text)
    assert {change.after.documents[number].type for number in change.made} == {"reversal"}
    if action.components:
        assert ({int(data["document"])}, change.said) == (change.made, 0)
        return
    assert {int(number) for number in data["documents"]} == change.made, text
    was, now = (sum(u.passed for u in ledger.waiting.values() if u) for ledger in (change.before, change.after))
    assert was - now <= quantity(data["withdrawn"]) <= -change.said, text
    assert sum(map(quantity, _TAKEN.findall(text))) == quantity(data["withdrawn"]), text
    report = change.before.documents[action.document]
    if report.type not in ("assembly", "point", "scrap", "rework"):
        return
    if action.quantity is not None or action.scrap:
        beside = sum(c.lost + c.rework for c in change.after.confirmations[len(change.before.confirmations) :])
        assert -change.said - beside == (action.quantity or 0) + action.scrap, text
    else:
        # What a document that follows holds another one has said.
        left = holds(change.after, action.document) if report.caused_by else left_of(change.after, action.document)
        assert not left, text


def _worked(change: Change, action: events.Work, text: str, data: dict[str, Any]) -> None:
    meant = action.plant, action.line, action.process
    posted = change.open_rows(change.before) - change.open_rows(change.after)
    assert (data["documents"], data["posted"]) == (len(change.made), posted), text
    assert data["left"] == change.open_rows(change.after, *meant), text
    assert text.startswith(f"{posted} posted in {len(change.made)} document"), text


def _closed(change: Change, text: str, data: dict[str, Any]) -> None:
    assert change.made == set()
    for name, told in data["records"].items():
        document, _, item = name.partition("/")
        was = change.before.backlog.get((int(document), int(item)))
        if was is None or not was.open:
            assert told == ("unknown" if was is None else "not open"), text
        else:
            now = change.after.backlog[int(document), int(item)]
            assert (told, now.open) == (f"closed {format_quantity(was.open)}", 0)


def _settled(change: Change, text: str, data: dict[str, Any]) -> None:
    """Hold a replay or dismissal to what became of each entry."""
    named: set[int] = set()
    for name, told in data["entries"].items():
        before = change.before.quarantine.get(int(name))
        if before is None or before.state != "open":
            assert told == (before.state if before else "unknown"), text
            continue
        now = change.entry(int(name))
        match told.partition(":")[0].partition(";")[0]:
            case "still refused":
                assert now == before, told
            case "nothing is booked":
                assert now.state == "healed", told
            case state:
                assert now.state == state, told
        named |= {int(number) for number in _NUMBER.findall(now.reason)} & change.made
    booked = any(told.startswith("replayed") for told in data["entries"].values())
    assert booked or not change.made, text
    if len(data["entries"]) == 1 and not booked:
        assert not change.touched & {"items", "stock", "windows", "waiting"}, text


def judge_scan(change: Change, event: Scanned, told: Outcome) -> None:
    """Hold what a scanner is told against the books."""
    before = [record.outcome for (device, _), record in change.before.scans.items() if device == event.device]
    if told in before and not change.touched:
        return  # its answer has come again, because it has
    match told.result:
        case "nok":
            assert change.touched <= _KEPT, told
            units = change.after.lines, change.before.lines
            read, was = (sum(line.read for line in lines.values()) for lines in units)
            kept = change.after.quarantine.keys() - change.before.quarantine.keys()
            assert read - was == sum(e.good + e.scrap for n, e in change.after.quarantine.items() if n in kept)
        case "dup":
            assert (change.touched, told.document in {0, *change.before.documents}) == (set(), True), told
            if told.code == Reason.SERIAL_USED:
                assert told.document in change.before.serials.values(), told
        case "prompt":
            assert change.touched == set(), told
        case "ok" if told.title == "UNDONE":
            assert {change.after.documents[number].type for number in change.made} == {"reversal"}
            assert told.document == max(change.made)
            reports = {int(number) for number in _NUMBER.findall(told.text)}
            assert reports <= change.before.documents.keys()
            assert all(left_of(change.after, number) == 0 for number in reports), told
        case "ok":
            assert (told.document in change.made, told.waiting, change.waiting) == (True, 0, 0), told
            assert told.quantity in (0, change.said) or change.said == 0, told
            _totals(change, told)
        case "info" if told.code == "BF0005":
            assert (told.document in change.made, told.waiting) == (True, change.waiting), told
            assert told.quantity == change.said, told
            posted = f"{format_quantity(told.quantity - told.waiting)} posted, {format_quantity(told.waiting)} wait"
            assert told.text.startswith(posted), told
            _totals(change, told)
        case "info":
            chooses = change.touched <= {"runs", "device_marks", "windows"}
            assert (chooses, change.made) == (True, set()), told
            assert "runs" not in change.touched or told.title in ("RUN", "STOP"), told
            assert "device_marks" not in change.touched or told.title == "BEGIN", told
        case other:
            raise AssertionError(other)


def _totals(change: Change, told: Outcome) -> None:
    """Hold the total that a scanner is shown against what documents hold of its flow at its point."""
    documents = change.after.documents
    for said in _TOTAL.findall(told.text):
        flow = documents[told.document].flow
        lines = [c for c in change.after.confirmations if (documents[c.document].flow, c.point) == (flow, told.point)]
        assert quantity(said) == sum(line.yield_ for line in lines), told
