"""Listen to the broker: what each message would become, and why. Posts nothing.

Each message is decoded as the gateway decodes it and stepped by the engine on a copy of the state in memory, which was
read from the ledger at the start. So a repeated telegram shows as a duplicate and a jump as a jump, without a posting.
"""

import time
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli.shared.arguments import in_force
from gateway.cli.shared.broker_client import Tool, login_options
from gateway.cli.shared.command import Amount, Invocation, command, pass_invocation, tell
from gateway.cli.shared.dry_run import load_state
from gateway.cli.shared.output import cell, print_json

if TYPE_CHECKING:
    from gateway.backflush.memory.changes import Changes
    from gateway.backflush.memory.state import State
    from gateway.settings import Settings

_LONGEST: Final = 120
_WAIT_S: Final = 0.5


@command(example="backflush listen 'bf/v1/1000/L04/#'", data=True)
@click.argument("filter_", metavar="FILTER", required=False)
@login_options
@click.option("--for", "seconds", type=Amount(), metavar="S", help="Stop after this many seconds.")
@click.option("--messages", type=click.IntRange(1), help="Stop after this many messages.")
@pass_invocation
def listen(
    invocation: Invocation,
    filter_: str | None,
    *,
    seconds: float | None,
    messages: int | None,
    as_json: bool,
    **login: Any,  # noqa: ANN401 - the options of `login_options`
) -> None:
    """Show what each message on the broker would become.

    FILTER is an MQTT topic filter; what the gateway reads below the base topic if not given. With --json there is
    one object a line. Ctrl-C ends.
    """
    settings = invocation.settings()
    shadow = _Shadow(invocation, settings)
    with Tool(settings, "listen", **login) as tool:
        wanted = filter_ or f"{settings.mqtt.base_topic}/#"
        if not tool.subscribe(wanted)[wanted]:
            raise click.UsageError(f"the broker refuses the subscription of {wanted!a} to this login")
        tell(f"listening to {wanted} at {tool.address}; Ctrl-C ends")
        end = time.monotonic() + seconds if seconds is not None else None
        heard = 0
        while (end is None or time.monotonic() < end) and (messages is None or heard < messages):
            message = tool.next(_WAIT_S if end is None else min(_WAIT_S, max(0.0, end - time.monotonic())))
            if message is None:
                tool.check()
                continue
            said = shadow.hear(message.topic, bytes(message.payload), retain=message.retain)
            if filter_ is None and said["outcome"] in ("canary", "not read"):
                continue
            heard += 1
            if as_json:
                print_json(said, lines=True)
            else:
                _print(said, settings.mqtt.base_topic)


def _print(said: dict[str, Any], base: str) -> None:
    clock = time.strftime("%H:%M:%S")
    colour = {"quarantine": "red", "counted": "green"}.get(said["outcome"], "yellow")
    topic, outcome = cell(said["topic"].removeprefix(f"{base}/")), click.style(said["outcome"], fg=colour)
    click.echo(f"{clock} {topic}  {outcome}  {cell(said['why'])}")
    if said["outcome"] == "quarantine":
        click.echo(f"         {cell(said['payload'][:_LONGEST])}")


class _Shadow:
    """The engine in memory, fed with what is heard."""

    def __init__(self, invocation: Invocation, settings: "Settings") -> None:
        from gateway.mqtt.topics import Topics
        from gateway.service.fold.decode import Intake

        self._topics = Topics(settings.mqtt.base_topic, settings.gateway.id)
        self._intake = Intake(self._topics, frozenset(settings.mqtt.allow_requests))
        self._state: State = load_state(invocation)
        if not in_force(settings).rows:
            tell("no master data is in force: every device is unknown")

    def hear(self, topic: str, payload: bytes, *, retain: bool) -> dict[str, Any]:
        """Say what a message would become."""
        from gateway.ledger.reports.postings import inert as payload_text

        outcome, why = self._judge(topic, payload, retain=retain)
        return {"topic": topic, "outcome": outcome, "why": why, "payload": payload_text(payload)}

    def _judge(self, topic: str, payload: bytes, *, retain: bool) -> tuple[str, str]:
        from devices.errors import Rejection
        from gateway.backflush.eviction import recall
        from gateway.backflush.memory.changes import NO_FACTS, Changes
        from gateway.backflush.memory.events import Command
        from gateway.backflush.prefetch import inquire
        from gateway.backflush.step import step
        from gateway.journal import Entry

        parsed = self._topics.parse(topic)
        if isinstance(parsed, Rejection):
            return "not read", "the gateway does not subscribe to it"
        now = time.time_ns() // 1000
        event = self._intake.decode(0, Entry("message", topic, payload, retain=retain), self._state.master, b"")
        if event is None:
            return "canary", "a gateway proves its subscriptions"
        if isinstance(event, Command):
            action = event.action
            return ("refused", action.text) if isinstance(action, Rejection) else ("request", event.verb)
        changes = Changes()
        before = self._read()
        # What a posting would add up to is not looked up: nothing of it is told.
        recall(self._state, inquire(self._state, [event], now).needs(), NO_FACTS)
        step(self._state, changes, NO_FACTS, now, [event])
        self._state.now = now
        return _describe_ending(changes, self._state, self._read() - before)

    def _read(self) -> int:
        return sum(line.read for line in self._state.lines.values())


def _describe_ending(changes: "Changes", state: "State", read: int) -> tuple[str, str]:
    """Return how a message ended and why, from what it changed."""
    from gateway.backflush.values.documents import FINAL
    from gateway.backflush.values.quantities import format_quantity

    outcome = next(iter(changes.outcomes), "nothing")
    if changes.quarantine:
        entry = changes.quarantine[-1]
        units = entry.good + entry.scrap
        return "quarantine", f"{entry.code} {entry.text}" + (f" ({format_quantity(units)} units)" if units else "")
    if changes.folds:
        [fold] = changes.folds.values()
        return "quarantine", f"{fold.text} (message {fold.messages + 1} that is counted with one entry)"
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
