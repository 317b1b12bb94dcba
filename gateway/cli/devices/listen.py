"""Listen to the broker, and show the outcome that each message would have, and why. Posts nothing.

Each message is decoded as the gateway decodes it and stepped by the engine on a copy of the state in memory, which was
read from the ledger at the start. So a repeated telegram shows as a duplicate and a jump as a jump, without a posting.
Messages of other publishers are read by their sources; for those without one a decoder is guessed.
"""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.backflush.values.names import quote
from gateway.backflush.values.quantities import number_of
from gateway.cli.shared.broker_client import Tool, login_options
from gateway.cli.shared.command import FiniteNumber, Invocation, command, database_errors, pass_invocation, tell
from gateway.cli.shared.output import print_json, say
from gateway.errors import UsageError
from gateway.ledger.reports.cells import cell

if TYPE_CHECKING:
    from devices.sources.first_sources import FirstSources

_LONGEST: Final = 120
_INDENT: Final = " " * 9
"""Below the text beside the clock."""
_WAIT_S: Final = 0.5
_MOST_NODES: Final = 10_000


@command(example="backflush listen 'bf/v1/1000/L04/#'", data=True)
@click.argument("filter_", metavar="FILTER", required=False)
@login_options
@click.option("--for", "seconds", type=FiniteNumber(), metavar="S", help="Stop after this many seconds.")
@click.option("--messages", type=click.IntRange(1), help="Stop after this many messages.")
@click.option("--write", "file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write the first [[source]] for publishers without one into this new file.")  # fmt: skip
@click.option("--births", is_flag=True, help="Ask each edge node of Sparkplug that is heard for its births, once.")
@pass_invocation
def listen(
    invocation: Invocation,
    filter_: str | None,
    *,
    seconds: float | None,
    messages: int | None,
    file: Path | None,
    births: bool,
    as_json: bool,
    **login: Any,  # noqa: ANN401 - the options of `login_options`
) -> None:
    """Show what each message on the broker would become.

    FILTER is an MQTT topic filter; by default all topics below the base topic, and those of the
    sources. Of another publisher's message it shows how its source reads it, and without a source
    which decoder would; a FILTER that is not below the base topic leaves out what the gateway itself
    publishes. With --json there is one object a line. Ctrl-C ends. It publishes nothing,
    except, with --births, the command of Sparkplug that asks a node for its births.
    """
    from gateway.mqtt.topics import Topics
    from gateway.service.local.dry_run import Shadow

    settings = invocation.settings()
    if file is not None and file.exists():
        raise click.UsageError(f"--write: expected a new file, but {file} exists")
    with database_errors():
        shadow = Shadow(settings)
    if not shadow.has_master_data:
        tell("no master data is in force: every device is unknown")
    with ExitStack() as stack, Tool(settings, "listen", **login) as tool:
        own = [f"{settings.mqtt.base_topic}/#", *(source.filter for source in settings.sources)]
        wanted = [filter_] if filter_ else own
        for name, granted in tool.subscribe(*wanted).items():
            if not granted:
                raise click.UsageError(f"the broker refuses the subscription of {quote(name)} to this login")
        tell(f"listening to {', '.join(wanted)} at {tool.address}; Ctrl-C ends")
        if file is not None:
            stack.callback(_write, file, shadow.first_sources, own)
        end = time.monotonic() + seconds if seconds is not None else None
        topics = Topics(settings.mqtt.base_topic, settings.gateway.id)
        hides = filter_ is not None and not topics.is_below(filter_)
        heard = 0
        asked: set[str] = set()
        while (end is None or time.monotonic() < end) and (messages is None or heard < messages):
            message = tool.next(_WAIT_S if end is None else min(_WAIT_S, max(0.0, end - time.monotonic())))
            if message is None:
                tool.check()
                continue
            if hides and topics.is_ours(message.topic):
                continue
            if births:
                _ask_for_births(tool, message.topic, asked)
            said = shadow.hear(message.topic, bytes(message.payload), retain=message.retain)
            if filter_ is None and said["outcome"] in ("canary", "not read"):
                continue
            heard += 1
            if as_json:
                print_json(said, lines=True)
            else:
                _print(said, settings.mqtt.base_topic)


def _ask_for_births(tool: Tool, topic: str, asked: set[str]) -> None:
    """Ask the edge node of a message for its births, unless it was asked, or the message is its birth."""
    from devices.decoders.foreign.sparkplug import rebirth, turn_of

    found = turn_of(topic, b"")
    if found is None:
        return
    group, node, *_ = found[0].split("/")
    if f"{group}/{node}" in asked or len(asked) >= _MOST_NODES:
        return
    asked.add(f"{group}/{node}")
    if found[1].kind not in ("NBIRTH", "NDEATH"):
        tool.publish(*rebirth(group, node, time.time_ns() // 1000), qos=0)


def _write(file: Path, sources: "FirstSources", others: list[str]) -> None:
    """Write the sources of what was heard, also after Ctrl-C."""
    text = sources.write("Written by `backflush listen`: sources of the publishers that had none.", others)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--write: {file} cannot be written: {error.strerror}") from error
    sources_, rows = number_of(text.count("[[source]]"), "source"), number_of(text.count("[[source.map]]"), "device")
    tell(f"{file} has {sources_} with {rows}; `backflush check -c {file}` says what is missing")


def _print(said: dict[str, Any], base: str) -> None:
    clock = time.strftime("%H:%M:%S")
    colour = {"quarantine": "red", "counted": "green"}.get(said["outcome"], "yellow")
    topic, outcome = cell(said["topic"].removeprefix(f"{base}/")), f"  {said['outcome']}  "
    say(f"{clock} {topic}{outcome}{cell(said['why'])}", indent=_INDENT, paint=(outcome, colour))
    if said["reading"]:
        say(_INDENT + cell("; ".join(said["reading"])), indent=_INDENT)
    if said["outcome"] == "quarantine":
        say(_INDENT + cell(said["payload"][:_LONGEST]), indent=_INDENT)
