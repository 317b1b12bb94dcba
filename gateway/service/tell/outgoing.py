"""Outgoing messages after a commit: scanner feedback, answers to requests, report requests, line status.

They are made in the pump's thread right after the commit, from the committed state, and sent by the loop. Posting
events are separate (`posting_events`): they have a cursor. These messages need none, because each is either repaired
by the next or stale within seconds.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

from gateway.backflush.memory.changes import Feedback, Response
from gateway.backflush.memory.device_life import Signs
from gateway.backflush.memory.records import LineFigures
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import Device
from gateway.backflush.values.documents import format_number
from gateway.backflush.values.quantities import format_quantity
from gateway.ledger.store.leases import overlap
from gateway.mqtt.topics import Asked, DeviceTopic, GatewayRequestTopic, RequestTopic, Topics
from gateway.service.tell.device_status import DeviceStatuses
from gateway.service.tell.home_assistant import HomeAssistant
from gateway.service.tell.line_days import Days, is_news
from gateway.service.tell.line_status import Look, OfRunning, Rates, line_picture, point_picture, unheard
from gateway.service.tell.loop_report import Committed, Reply
from gateway.service.tell.messages import COMMAND_EXPIRY_S, FEEDBACK_EXPIRY_S, Message, encode, signal_of
from gateway.service.tell.payloads import ReportCommand
from gateway.service.tell.pending_replies import answer_of
from gateway.service.tell.proglove import Recipient, commands, recipients
from gateway.service.tell.scan_payloads import ScanEffect, ScanFeedback
from gateway.service.times import iso
from gateway.settings import Settings

PICTURE_EVERY_S = 1.0
LOOK_EVERY_S = 0.2
"""The shortest interval between two looks at the state, whatever the number of commits."""
PICTURE_AGAIN_S = 30.0
"""The interval of repeating an unchanged line: its rate and its silent devices change without commits."""


def feedback_body(feedback: Feedback) -> ScanFeedback:
    """Return the answer to a scan in the form of the protocol."""
    outcome = feedback.outcome
    data: dict[str, Any] = {"document": format_number(outcome.document)} if outcome.document else {}
    if outcome.quantity:
        data |= {"quantity": format_quantity(outcome.quantity), "point": outcome.point}
    if outcome.waiting:
        posted = format_quantity(outcome.quantity - outcome.waiting)
        data |= {"posted": posted, "waiting": format_quantity(outcome.waiting)}
    data.update(outcome.facts)
    if feedback.context:
        data["context"] = dict(feedback.context)
    return {
        "ref": feedback.reference,
        "ts": iso(feedback.received_at),
        "result": outcome.result,
        "code": str(outcome.code),
        "title": outcome.title,
        "text": outcome.text,
        "data": cast("ScanEffect", data),
        "signal": signal_of(outcome.result, data.get("kind", "")),
    }


class Notifier:
    """Turns commits into messages; remembers which line statuses are due."""

    def __init__(
        self,
        topics: Topics,
        lines: Sequence[str],
        monotonic: Callable[[], float],
        unsafe: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        """Take patterns of lines; `monotonic` gives seconds, so that setting the clock changes no interval.

        `unsafe` names the devices that publish with QoS 0.
        """
        self.devices = DeviceStatuses(topics, self.owns, monotonic, unsafe)
        self._topics = topics
        self._foreign: dict[str, Recipient] = {}
        self._lines = lines
        self._monotonic = monotonic
        self.home = HomeAssistant(topics)
        self._looked_s = self._again_s = float("-inf")
        self._rates = Rates()
        self._dirty: set[tuple[str, str]] = set()
        self._days: Days = {}
        """Figures of the production day of each line, as of the last look."""
        self._newer_days: Days = {}
        self._told_s: dict[tuple[str, str], float] = {}
        self.refused_replies = 0
        """The number of ignored response topics, outside their sender's own prefix."""

    def obey(self, settings: Settings) -> None:
        """Take what the settings say of messages in the form of others."""
        self.home.on = settings.mqtt.home_assistant
        self._foreign = recipients(settings)

    def tell(self, committed: Committed, now: int) -> list[Message]:
        """Return the immediate messages of one commit."""
        changes = committed.changes
        self._dirty.update(changes.lines, changes.runs)
        messages = [m for f in changes.feedback for m in self._feedback(f, committed.replies.get(f.entry), now)]
        answers = (self._response(r, committed.replies.get(r.entry)) for r in changes.responses)
        messages += filter(None, answers)
        self.devices.note(changes.asks, committed.at)
        for ask in changes.asks:
            command: ReportCommand = {"command": "report", "reason": ask.reason, "ts": iso(committed.at)}
            topic = self._topics.command(ask.plant, ask.line, ask.device)
            messages.append(Message(topic, encode(command), expiry_s=COMMAND_EXPIRY_S))
        return messages

    def all_lines(self, state: State) -> None:
        """Make the statuses of all lines due: those that are maintained, and those that have counted or had a run."""
        self._dirty.update(state.master.lines, state.lines, state.runs)

    def take_days(self, days: Days) -> None:
        """Take the figures of production days; any thread may bring them."""
        self._newer_days = days

    def owns(self, line: tuple[str, str]) -> bool:
        """Return whether a line is this gateway's."""
        return any(overlap(pattern, "/".join(line)) for pattern in self._lines)

    def pictures(self, state: State, now: int, signs: Callable[[Device], Signs] = unheard) -> list[Message]:
        """Return changed line statuses, at most one a second per line, and all of them now and then.

        `signs` are the signs of life of a device.
        """
        now_s = self._monotonic()
        if now_s - self._looked_s < LOOK_EVERY_S:
            return []
        self._looked_s = now_s
        before, days = self._days, self._newer_days
        self._days = days
        if days is not before:
            self._rates.take(days, now_s)
            self._dirty.update(key for key in days if is_news(before.get(key), days[key]))
        if now_s - self._again_s >= PICTURE_AGAIN_S:
            self._again_s = now_s
            self.all_lines(state)
        self._dirty = set(filter(self.owns, self._dirty))  # without lines given back
        due = [key for key in self._dirty if now_s - self._told_s.get(key, float("-inf")) >= PICTURE_EVERY_S]
        if not due:
            return []
        look = Look(state, now, signs)
        messages = []
        for key in due:
            self._dirty.remove(key)
            self._told_s[key] = now_s
            line = state.lines.get(key) or LineFigures(*key)
            known = OfRunning(self._topics.gateway, self._rates.of(key), days.get(key))
            picture = line_picture(look, line, known)
            messages.append(Message(self._topics.status(*key), encode(picture), retain=True))
            messages += self.home.show(*key)
            flow = look.flow(*key)
            for index in range(len(flow.points) - 1) if flow is not None else ():
                assert flow is not None
                topic = self._topics.point(*key, flow.points[index])
                messages.append(Message(topic, encode(point_picture(flow, index)), retain=True))
        return messages

    def _feedback(self, feedback: Feedback, reply: Reply | None, now: int) -> list[Message]:
        """Answer a scan, unless it comes too late: a scan that is repeated gets its answer again."""
        if now - feedback.received_at > FEEDBACK_EXPIRY_S * 1_000_000:
            return []
        body = feedback_body(feedback)
        if to := self._foreign.get(feedback.device):
            return commands(to, body, feedback)
        if not feedback.plant:
            return []  # a scanner that the master data lack, of a source without a topic for answers
        sender = DeviceTopic(feedback.plant, feedback.line, feedback.device, "scan")
        topic = self._topics.feedback(feedback.plant, feedback.line, feedback.device)
        return [self._answer(sender, topic, encode(body), reply, FEEDBACK_EXPIRY_S)]

    def _response(self, response: Response, reply: Reply | None) -> Message | None:
        """Answer a request where it was made; one by socket is told on its line's topic, if it is of one."""
        by_socket = self._topics.request(response.plant, response.line, response.verb)
        asked = self._topics.parse(reply.asked if reply is not None else by_socket)
        if not isinstance(asked, RequestTopic | GatewayRequestTopic):
            return None
        return self._answer(asked, self._topics.answer_to(asked), encode(answer_of(response)), reply, None)

    def _answer(
        self, sender: DeviceTopic | Asked, topic: str, payload: bytes, reply: Reply | None, expiry_s: int | None
    ) -> Message:
        if reply is not None and reply.topic:
            if self._topics.may_answer(sender, reply.topic):
                return Message(reply.topic, payload, expiry_s=expiry_s, correlation=reply.correlation)
            self.refused_replies += 1
        return Message(topic, payload, expiry_s=expiry_s)
