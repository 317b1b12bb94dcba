"""The doctor's look at the broker: its access rights, limits, retained messages and statistics."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from gateway.cli.run.diagnosis import FAIL, OK, WARN, Diagnosis, in_bytes, judge
from gateway.cli.shared.broker_client import Tool, try_login
from gateway.errors import BrokerUnavailable, Unanswered, UsageError
from gateway.mqtt.topics import DROPPED, UPTIME

if TYPE_CHECKING:
    from gateway.settings import Settings

_HEAR_S: Final = 1.5
_QUIET_S: Final = 2.0
_DEFAULT_IN_FLIGHT: Final = 20
_LINE: Final = 100
_NAMED: Final = 5
_VERSION: Final = "$SYS/broker/version"


def examine_broker(settings: "Settings", login: dict[str, Any], queue: int | None) -> Iterator[Diagnosis]:
    """Look at the broker under a login of the doctor's own; `queue` is the number of messages it should keep."""
    from gateway.mqtt.probe import lets_anybody_in

    if settings.mqtt.username and not (login["username"] or login["cert_file"]):
        hint = "--username, --password-file"
        yield Diagnosis("broker", WARN, "asked without a login", "a login of the doctor's own", hint)
    with Tool(settings, "doctor", **login) as tool:
        granted = tool.granted
        yield Diagnosis("broker", OK, f"{tool.address} accepts {tool.client_id} with MQTT {granted.protocol}")
        anybody = asyncio.run(lets_anybody_in(tool.address, settings.mqtt.ca_file))
        got = "anybody may connect without a login" if anybody else "nobody connects without a login"
        hint = "set allow_anonymous false, and give each device a login of its own"
        yield judge("anonymous", got, ok=not anybody, expected="a broker that requires a login", hint=hint)
        yield from _limits(settings, granted.protocol, granted.properties)
        yield from _rights(settings, tool)
        here = _ping(settings)  # before the broker: what this gateway has published by then is read there
        said: dict[str, bytes] = {}
        yield from _examine_topics(settings, tool, said)
    state = _json(said.get(f"{_own(settings)}/state", b""))
    yield from _of_gateway(settings, state, here, said)
    runs = here is not None or state.get("state") == "online"
    yield from _logins(settings, login["url"], runs=runs)
    if queue is not None:
        yield _queue(settings, login, queue)


def _limits(settings: "Settings", protocol: str, properties: dict[str, Any]) -> Iterator[Diagnosis]:
    if settings.mqtt.session_expiry_s == 0:
        got = "the session ends with the connection: messages that arrive meanwhile are lost"
        yield Diagnosis("session", FAIL, got, "some days", "set mqtt.session_expiry_s")
    if protocol != "5":
        got = "MQTT 3.1.1: the broker reports no limits, and refused publications look like success"
        yield Diagnosis("session", WARN, got, "MQTT 5", "use a broker that has it; Mosquitto does from 1.6 on")
        return
    receive = properties.get("ReceiveMaximum", 65_535)
    hint = "raise the broker's limit of messages in flight (Mosquitto: max_inflight_messages)"
    got = f"{receive} publications may be in flight"
    yield judge("session", got, ok=receive > _DEFAULT_IN_FLIGHT, expected=f"more than {_DEFAULT_IN_FLIGHT}", hint=hint)
    maximum = properties.get("MaximumPacketSize")
    if maximum is not None:
        hint = "allow 128 KB: a large message should reach quarantine"
        yield judge("session", f"packets of at most {in_bytes(maximum)}", ok=maximum >= 1 << 17,
                     expected=in_bytes(1 << 17), hint=hint)  # fmt: skip


def _rights(settings: "Settings", tool: Tool) -> Iterator[Diagnosis]:
    """Subscribe to a canary topic, publish there, and check whether it comes back."""
    from gateway.mqtt.topics import Topics

    topic = Topics(settings.mqtt.base_topic, tool.client_id).canary("count")
    hint = f"grant this login read and write of {settings.mqtt.base_topic}/_gateway/+/_canary/+, or use another login"
    expected = "a canary message that comes back"
    if not tool.subscribe(topic)[topic]:
        yield Diagnosis("rights", WARN, f"this login may not subscribe to {topic}", expected, hint)
        return
    taken = tool.publish(topic, b"{}")
    back = taken and tool.hears(topic, _HEAR_S * 2)
    tool.check()
    if back:
        got = "a canary message came back to this login; the gateway's alerts name what its own login may not do"
        yield Diagnosis("rights", OK, got)
    else:
        why = "did not come back" if taken else "was refused"
        got = f"a canary message {why}: this login may not write or read there"
        yield Diagnosis("rights", WARN, got, expected, hint)


def _examine_topics(settings: "Settings", tool: Tool, said: dict[str, bytes]) -> Iterator[Diagnosis]:
    """Read the own messages of gateway and broker into `said`, and find retained ones that should not be."""
    base, reads = settings.mqtt.base_topic, _reader(settings)
    own = _own(settings)
    tool.subscribe(f"{own}/state", f"{own}/info", f"{own}/alert/+", f"{base}/+/+/+/count", f"{base}/+/+/+/scan")
    tool.ask(DROPPED, _VERSION, UPTIME)
    if settings.source:
        tool.ask(*[source.filter for source in settings.source])
    kept: set[str] = set()
    deadline = time.monotonic() + _HEAR_S
    while (left := deadline - time.monotonic()) > 0:
        message = tool.next(left)
        if message is not None and message.topic.startswith((f"{base}/", "$SYS/")):
            if message.retain or not message.topic.endswith(("/count", "/scan")):
                said[message.topic] = bytes(message.payload)
        elif message is not None and message.retain and reads(message.topic, bytes(message.payload)):
            kept.add(message.topic)
    tool.check()
    yield from _of_broker(said)
    kept |= {topic for topic in said if topic.endswith(("/count", "/scan")) and "/_" not in topic}
    retained = sorted(kept)
    got = f"{len(retained)} production messages are retained" + "".join(f", {t}" for t in retained[:_NAMED])
    hint = (
        "let the devices publish without the retain flag, and empty these topics with an empty retained message; "
        "this adds a quarantine entry (BF1001); dismiss it if no total closes it"
    )
    yield judge("retained", got, ok=not retained, expected="none", hint=hint)


def _own(settings: "Settings") -> str:
    """Return the beginning of the gateway's own topics."""
    return f"{settings.mqtt.base_topic}/_gateway/{settings.gateway.id}"


def _logins(settings: "Settings", url: str | None, *, runs: bool) -> Iterator[Diagnosis]:
    """Try the logins of gateway and host applications, unless it runs: a second connection would end its own."""
    from gateway.sections import SourceSection

    for place, login in settings.logins.items():
        host = login if isinstance(login, SourceSection) else None
        about, alert = ("source", "source") if host else ("login", "broker")
        who = f"host application {host.host}" if host else f"gateway {settings.gateway.id}"
        who += f", {login.username or ('by certificate' if login.cert_file else 'without a login')}"
        if runs:
            got = f"{who}: not tried, because the gateway runs; its alert `{alert}` tells whether the broker refuses it"
            yield Diagnosis(about, OK, got)
            continue
        try:
            try_login(settings, url, host)
        except (BrokerUnavailable, UsageError) as error:
            hint = f"see {place} of the configuration, and the broker's list of logins"
            yield Diagnosis(about, FAIL, f"{who}: {error}", "a login that the broker accepts", hint)
        else:
            yield Diagnosis(about, OK, f"{who}: the broker accepts it")


def _reader(settings: "Settings") -> "Callable[[str, bytes], bool]":
    """Return the judge of messages of other publishers: whether one would be counted, posted or refused for a device.

    Their presence and metadata are retained as they should be.
    """
    if not settings.source:
        return lambda _topic, _payload: False
    from devices.sources.knowledge import Knowledge
    from devices.sources.reading import DeviceConnection, ForeignMessage, Sources

    sources, nothing = Sources(settings.sources), Knowledge()

    def reads(topic: str, payload: bytes) -> bool:
        meaning = sources.read(ForeignMessage(topic, payload, 0), nothing, lambda _: None, replay=True)
        return meaning is not None and any(not isinstance(part, DeviceConnection) for part in meaning.parts)

    return reads


def _of_broker(said: dict[str, bytes]) -> Iterator[Diagnosis]:
    from gateway.backflush.values.quantities import number_of, parse_whole

    if _VERSION not in said:
        hint = "grant this login `topic read $SYS/broker/#`, if the broker is Mosquitto"
        yield Diagnosis("broker", WARN, "it does not report dropped messages", "$SYS topics", hint)
        return
    uptime = said.get(UPTIME, b"").decode(errors="replace")
    yield Diagnosis("broker", OK, f"{said[_VERSION].decode(errors='replace')[:_LINE]}, up for {uptime[:_LINE]}")
    lost = said.get(DROPPED, b"0").decode(errors="replace").strip()
    hint = "raise max_queued_messages; devices repeat their totals, so counts heal"
    dropped = parse_whole(lost) or 0
    got = f"it has dropped {number_of(dropped, 'message')} since its start"
    yield judge("broker", got, ok=not dropped, expected="0", hint=hint)


def _ping(settings: "Settings") -> dict[str, Any] | None:
    """Ask the gateway that runs here; None if none does, empty for a frozen one, of which the doctor has told."""
    from gateway.service.local.running import ping

    try:
        return ping(settings)
    except Unanswered:
        return {}


def _of_gateway(
    settings: "Settings", state: dict[str, Any], here: dict[str, Any] | None, said: dict[str, bytes]
) -> Iterator[Diagnosis]:
    """Compare the broker's retained messages with the gateway that runs here."""
    own = _own(settings)
    is_online = state.get("state") == "online"
    if state:
        got = f"{settings.gateway.id} says on the broker: {state.get('state')}, {state.get('phase', 'gone')}"
        yield judge("gateway", got, ok=is_online, expected="online", hint="it is stopped, or has lost the broker")
    there = _json(said.get(f"{own}/info", b""))
    # Before it has connected, that is its own earlier life, or somebody online; a standby waits for such a one.
    counts = here and (here["health"]["mqtt"]["connected"] or (is_online and not settings.gateway.standby))
    if here and counts and there.get("instance") not in (None, here["instance"]):
        got = f"another gateway uses the id {settings.gateway.id}, on {there.get('host', '?')}"
        yield Diagnosis("gateway", FAIL, got, "one gateway per id", "give one of them another gateway.id")
    if not here:
        for topic, payload in sorted(said.items()):
            alert = _json(payload) if topic.startswith(f"{own}/alert/") else {}
            if alert:
                yield Diagnosis("alert", WARN, str(alert.get("text", topic)), "no alert", str(alert.get("hint", "")))


def _queue(settings: "Settings", login: dict[str, Any], wanted: int) -> Diagnosis:
    """Publish to a client that takes nothing, and count the messages that the broker keeps for it."""
    from gateway.mqtt.topics import Topics

    with Tool(settings, "doctor-queue", takes=False, **login) as tool:
        topic = Topics(settings.mqtt.base_topic, tool.client_id).canary("count")
        hint = (
            "raise max_queued_messages and max_queued_bytes (Mosquitto): this queue keeps messages while a "
            "gateway is away"
        )
        if not tool.subscribe(topic)[topic]:
            return Diagnosis("queue", WARN, f"this login may not subscribe to {topic}", f"{wanted} messages", hint)
        first = tool.next(_HEAR_S * 2) if tool.publish(topic, b"{}") else None
        tool.check()
        if first is None:
            got = f"not measured: this login may not write or read {topic}"
            return Diagnosis("queue", WARN, got, f"{wanted} messages", "grant it what `config/acl` grants to bf-tools")
        tool.take(first)
        tool.publish_all(topic, wanted)
        kept = 0
        while kept < wanted and (message := tool.next(_QUIET_S)) is not None:
            tool.take(message)
            kept += 1
        tool.check()
    got = f"it keeps {kept} of {wanted} messages for a client that reads none"
    return judge("queue", got, ok=kept == wanted, expected=f"{wanted}", hint=hint, otherwise=FAIL)


def _json(payload: bytes) -> dict[str, Any]:
    try:
        said = json.loads(payload)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
