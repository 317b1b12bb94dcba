"""Examine the world that the gateway lives in: configuration, disk, clock, database, broker.

Every finding is `ok`, `warn` or `fail`, with a hint of what to do. The broker is asked under a login and client id of
the doctor's own. What rights that login lacks says nothing of the gateway's: those the running gateway proves itself,
by canary messages, and tells in its retained state and alerts, which the doctor reads.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from gateway.cli.frame import Invocation, answer_no, command, database_errors, pass_invocation, tell
from gateway.cli.screen import cell, print_json
from gateway.cli.tools import Tool, login_options
from gateway.errors import BackflushError

if TYPE_CHECKING:
    from gateway.settings import Settings

OK, WARN, FAIL = "ok", "warn", "fail"
_COLOURS: Final = {OK: "green", WARN: "yellow", FAIL: "red"}
_CLOCK_S: Final = 2.0
_HEAR_S: Final = 1.5
_DEFAULT_IN_FLIGHT: Final = 20
_LINE: Final = 100
_HINTS: Final = {
    "disk": "look at gateway.data_dir",
    "database": "is it running, and is database.url right?",
    "broker": "is it running, and are mqtt.url and the login right?",
}


class Finding(NamedTuple):
    """One thing that was looked at."""

    about: str
    state: str
    text: str
    hint: str = ""


@command(example="backflush doctor --username bf-tools --password-file /etc/backflush/tools.password", data=True)
@login_options
@pass_invocation
def doctor(invocation: Invocation, *, as_json: bool, **login: Any) -> None:  # noqa: ANN401 - the options of `login_options`
    """Examine configuration, disk, clock, database and broker.

    Changes nothing but a few messages on a canary topic of its own. Status 1 means that something fails.
    """
    settings = invocation.settings()
    findings: list[Finding] = [Finding("configuration", OK, f"gateway {settings.gateway.id}")]
    for about, examine in (
        ("disk", lambda: _disk(settings)),
        ("gateway", lambda: _gateway(settings)),
        ("database", lambda: _database(settings)),
        ("broker", lambda: _broker(settings, login)),
    ):
        findings += _examined(about, examine)
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            _print(finding)
    failed = sum(finding.state == FAIL for finding in findings)
    warned = sum(finding.state == WARN for finding in findings)
    tell(f"doctor: {failed or 'nothing'} failed, {warned or 'no'} warning{'' if warned == 1 else 's'}")
    if failed:
        answer_no()


def _print(finding: Finding) -> None:
    state = click.style(f"{finding.state:<4}", fg=_COLOURS[finding.state])
    click.echo(f"{state}  {finding.about:<13}  {cell(finding.text)}")
    if finding.hint and finding.state != OK:
        click.echo(f"{'':<21}{cell(finding.hint)}")


def _examined(about: str, examine: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield findings up to the first error, which is one as well."""
    try:
        yield from examine()
    except (BackflushError, OSError) as error:
        yield Finding(about, FAIL, str(error), _HINTS.get(about, ""))


def _disk(settings: "Settings") -> Iterator[Finding]:
    folder = settings.gateway.data_dir
    if not folder.is_dir():
        yield Finding("disk", WARN, f"{folder} is not there yet", "`backflush init` makes it")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding("disk", FAIL, f"{folder} cannot be written", "give it to the user that runs the gateway")
        return
    free, needed = shutil.disk_usage(folder).free, settings.journal.min_free
    text = f"{folder}: {_bytes(free)} free, the journal leaves {_bytes(needed)}"
    hint = "make room, or lower journal.min_free: below it nothing is acknowledged"
    yield Finding("disk", FAIL if free <= needed else WARN if free < 2 * needed else OK, text, hint)


def _gateway(settings: "Settings") -> Iterator[Finding]:
    from gateway.journal import Reader
    from gateway.service.client import ping

    answer = ping(settings)
    if answer is None:
        yield Finding("gateway", WARN, "not running, or in another data directory", "`backflush run` starts it")
    else:
        phase, version = answer.get("phase", "?"), answer.get("version", "?")
        yield Finding("gateway", OK if phase == "ready" else WARN, f"{phase}, version {version}", "see its log")
    if settings.journal_path.exists():
        with Reader(settings.journal_path) as journal:
            yield Finding("journal", OK, f"batches {journal.first} to {journal.last}, {_bytes(journal.used)}")


def _database(settings: "Settings") -> Iterator[Finding]:
    from sqlalchemy import func, select

    from gateway.cli.reading import missing_file
    from gateway.ledger import tables as t
    from gateway.ledger.database import open_database
    from gateway.ledger.schema import REVISIONS, revision
    from gateway.settings import without_password

    where = without_password(settings.database_url)
    if missing_file(settings) is not None:
        yield Finding("database", WARN, f"{where} is not there yet", "`backflush init` creates it")
        return
    engine = open_database(settings.database_url, read_only=True)
    try:
        with database_errors(), engine.connect() as connection, connection.begin():
            found = revision(connection)
            current = found == REVISIONS[-1]
            schema = f"schema {found or 'none'}" + ("" if current else f", expected {REVISIONS[-1]}")
            yield Finding(
                "database", OK if current else FAIL, f"{where}: {schema}", "`backflush init` brings it up to date"
            )
            if connection.dialect.name == "postgresql":
                yield from _postgres(connection)
            if current:
                documents = connection.scalar(select(func.count()).select_from(t.documents))
                open_ = connection.scalar(select(func.count()).where(t.quarantine.c.state == "open"))
                yield Finding("ledger", OK, f"{documents} documents")
                if open_:
                    yield Finding("ledger", WARN, f"{open_} open quarantine entries", "`backflush quarantine list`")
    finally:
        engine.dispose()


def _postgres(connection: Any) -> Iterator[Finding]:  # noqa: ANN401 - a SQLAlchemy connection
    from gateway.ledger.roles import excess

    before = time.time()
    there = float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar())
    off = there - (before + time.time()) / 2
    text = f"differs from the database's by {abs(off):.1f} s"
    yield Finding("clock", OK if abs(off) < _CLOCK_S else WARN, text, "let both follow one time server (NTP)")
    for right in excess(connection):
        hint = "let the gateway run as a role without that right: see `backflush init --app-role`"
        yield Finding("database", WARN, f"the gateway's role has too wide rights: {right}", hint)
    durable = {"fsync": "on", "full_page_writes": "on"}
    for name, expected in durable.items():
        found = connection.exec_driver_sql(f"SHOW {name}").scalar()
        hint = f"set it {expected}: without it a power cut can lose or damage the ledger"
        yield Finding("database", OK if found == expected else FAIL, f"{name} is {found}", hint)


def _broker(settings: "Settings", login: dict[str, Any]) -> Iterator[Finding]:
    if settings.mqtt.username and not login["username"]:
        hint = "the gateway logs in, so give the doctor a login of its own: --username, --password-file"
        yield Finding("broker", WARN, "asked without a login", hint)
    with Tool(settings, "doctor", **login) as tool:
        granted = tool.granted
        yield Finding("broker", OK, f"{tool.address} accepts {tool.client_id} with MQTT {granted.protocol}")
        yield from _limits(settings, granted.protocol, granted.properties)
        yield from _rights(settings, tool)
        yield from _told(settings, tool)


def _limits(settings: "Settings", protocol: str, properties: dict[str, Any]) -> Iterator[Finding]:
    if protocol != "5":
        text = "MQTT 3.1.1: no limits are told, refused publications look like success"
        yield Finding("session", WARN, text, "use a broker with MQTT 5 if you can; Mosquitto has it from 1.6 on")
        return
    receive = properties.get("ReceiveMaximum", 65_535)
    hint = "raise the broker's limit of messages in flight (Mosquitto: max_inflight_messages)"
    few = receive <= _DEFAULT_IN_FLIGHT
    yield Finding("session", WARN if few else OK, f"{receive} publications may be in flight towards the broker", hint)
    maximum = properties.get("MaximumPacketSize")
    if maximum is not None:
        small = maximum < 1 << 17
        text = f"packets of at most {_bytes(maximum)}"
        yield Finding("session", WARN if small else OK, text, "allow 128 KB: a large message should reach quarantine")
    if settings.mqtt.session_expiry_s == 0:
        hint = "set mqtt.session_expiry_s to some days"
        yield Finding("session", FAIL, "the session ends with the connection: what arrives meanwhile is lost", hint)


def _rights(settings: "Settings", tool: Tool) -> Iterator[Finding]:
    """Subscribe to a canary topic, publish there, and see whether it comes back."""
    from gateway.mqtt.topics import Topics

    topic = Topics(settings.mqtt.base_topic, tool.client_id).canary("count")
    hint = f"grant this login read and write of {settings.mqtt.base_topic}/_gateway/+/_canary/+, or ask with another"
    if not tool.subscribe(topic)[topic]:
        yield Finding("rights", WARN, f"this login may not subscribe to {topic}", hint)
        return
    taken = tool.publish(topic, b"{}")
    back = taken and tool.hears(topic, _HEAR_S * 2)
    if back:
        yield Finding("rights", OK, "a canary message came back")
    else:
        why = "did not come back" if taken else "was refused"
        yield Finding("rights", WARN, f"a canary message {why}: this login may not write or read there", hint)


def _told(settings: "Settings", tool: Tool) -> Iterator[Finding]:
    """Read what the gateway and the broker say of themselves."""
    base = f"{settings.mqtt.base_topic}/_gateway/{settings.gateway.id}"
    dropped = "$SYS/broker/publish/messages/dropped"
    tool.subscribe(f"{base}/state", f"{base}/alert/+")
    tool.ask(dropped, "$SYS/broker/version")
    said: dict[str, bytes] = {}
    deadline = time.monotonic() + _HEAR_S
    while (left := deadline - time.monotonic()) > 0:
        message = tool.next(left)
        if message is not None:
            said[message.topic] = bytes(message.payload)
    if "$SYS/broker/version" in said:
        yield Finding("broker", OK, said["$SYS/broker/version"].decode(errors="replace")[:_LINE])
    lost = said.get(dropped, b"0").strip()
    if lost.isdigit() and int(lost):
        hint = "raise max_queued_messages; devices repeat their totals, so counts heal"
        yield Finding("broker", WARN, f"it has dropped {int(lost)} messages since its start", hint)
    state = _json(said.get(f"{base}/state", b""))
    if state:
        online = state.get("state") == "online"
        text = f"{settings.gateway.id} says on the broker: {state.get('state')}, {state.get('phase', 'gone')}"
        yield Finding("gateway", OK if online else WARN, text, "it is stopped, or has lost the broker")
    for topic, payload in sorted(said.items()):
        alert = _json(payload) if topic.startswith(f"{base}/alert/") else {}
        if alert:
            yield Finding("alert", WARN, str(alert.get("text", topic)), str(alert.get("hint", "")))


def _json(payload: bytes) -> dict[str, Any]:
    try:
        said = json.loads(payload)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _bytes(number: int) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1 << 10:
            return f"{number} {unit}"
        number >>= 10
    return f"{number} TB"
