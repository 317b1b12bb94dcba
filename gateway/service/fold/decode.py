"""Decode journal entries into events for the engine.

Total: every entry becomes an event, or nothing at all: a gateway's own canary needs no effect. Everything else ends as
exactly one outcome, bad input as `Refused` with its reason.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from devices.decoders import DECODERS, CountDecoder, decode_scan, decode_state
from devices.decoders.native import DATA
from devices.decoders.strict_json import id_in
from devices.errors import Malformed, Rejection
from devices.messages import Scan
from devices.sources.knowledge import Knowledge
from gateway.backflush.memory.events import (
    Action,
    Command,
    Configured,
    Counted,
    Event,
    MasterDataImport,
    Presence,
    Published,
    QuarantineReplay,
    Refused,
    Scanned,
)
from gateway.backflush.memory.records import QuarantineEntry
from gateway.backflush.memory.state import ANYTHING, Rules
from gateway.backflush.plant.snapshot import MasterData
from gateway.errors import Reason, UsageError
from gateway.journal import Entry
from gateway.ledger.store.row_values import rules as rules_of
from gateway.masterdata.amendments import dump_amendment, load_amendment
from gateway.masterdata.arrival import arrive_whole
from gateway.mqtt.topics import Asked, CanaryTopic, DeviceTopic, GatewayRequestTopic, RequestTopic, Topics
from gateway.sections import GATEWAY_VERBS, LINE_VERBS
from gateway.service.entries import MAX_PAYLOAD, MESSAGE
from gateway.service.fold.amending import amendment_of, amends, import_of
from gateway.service.fold.meanings import meaning_of, unfit, zone_in
from gateway.service.fold.requests import Request, action_of, parse_request, transaction_in

if TYPE_CHECKING:
    from gateway.service.fold.published import PublicationReader

MOST_ROUTES = 65_536
"""The number of topics of known counters that are remembered."""
_TIMED_SINCE = 4
"""The first edition in which a posting needs a time, not a date alone."""
_ANY_LETTER_SINCE = 5
"""The first edition in which a telegram may say every name that a table may hold."""
_NO_TOPIC = RequestTopic("", "", "")
_NOT_STORED = Rejection(Reason.NOT_STORED, "its sender was told: not stored, scan again")
_NAMELESS = Rejection(
    Reason.BAD_COMMAND,
    "transaction: expected a name of your own, got none; without it a repetition cannot be told from a second request",
)


class Intake:
    """Decodes entries for one gateway; its only state is the master data in force and a cache of topics."""

    def __init__(self, topics: Topics, rules: Rules, knowledge: Knowledge) -> None:
        """Take the rules in force: they allow verbs on request topics; commands of this machine's people may use all.

        Times that no clock shows are accepted where any name is, as in older journals. `knowledge` of other publishers
        is kept up to date: the next message is read by it.
        """
        self.at = 0
        """The time of the batch in work."""
        self._rules = rules
        self._sources = rules.sources
        self._prefix = f"{topics.base}/"
        self._reader: PublicationReader | None = None
        self._knowledge = knowledge
        self._topics = topics
        self._allowed = frozenset(rules.requests)
        self._decoders, self._decode_scan = _forms_of(rules.edition)
        self._dialect = rules.dialect
        self._scanned = None if rules.dialect.is_first else DATA if rules.knows_scanners else DATA._replace(ends="")
        self._lenient = {"loose": ANYTHING in rules.open_names, "dated": rules.edition < _TIMED_SINCE}
        self._master: MasterData | None = None
        self._content = b""
        self._routes: dict[str, tuple[str, str, str, CountDecoder, ZoneInfo | None]] = {}

    def decode(self, entry_id: int, entry: Entry, master: MasterData, content: bytes) -> Event | None:
        """Turn one entry into an event; None if there is nothing to do.

        `content` is the canonical text of the master data in force, from which `master` was built; empty before the
        first. An import amends both.
        """
        self._content = content
        if entry.kind == MESSAGE:
            return self._readable(entry_id, entry, master)
        match entry.kind:
            case "waited":
                event = self._readable(entry_id, entry, master)
                return event._replace(waited=True) if isinstance(event, Scanned) else event
            case "refused":
                topic = self._topics.parse(entry.topic)
                if isinstance(topic, DeviceTopic):
                    scan = self._decode_scan(entry.payload, None, self._scanned)
                    text = "" if isinstance(scan, Rejection) else scan.data
                    return self._refuse(entry_id, entry, topic, _NOT_STORED)._replace(feedback=False, text=text)
                return self._readable(entry_id, entry, master)  # no scanner got an answer
            case "command":
                request = self.request_of(entry)
                if isinstance(request, Rejection):
                    return _refuse_request(entry_id, request, entry.payload)
                return self.command(entry_id, request, master, {})
            case "import":
                return _import_whole(entry_id, entry, master, content)
            case "amendment":
                return _import(entry_id, entry, master, content)
            case "settings":
                return Configured(entry_id, rules_of(entry.payload))
            case "clock":
                return None  # it holds for the whole batch: see `beside_of`
            case other:
                raise AssertionError(f"a journal entry of kind {other!r}: written by a newer version?")

    def _readable(self, entry_id: int, entry: Entry, master: MasterData) -> Event | None:
        """Decode a message; a fault of a decoder costs one message, not the gateway."""
        try:
            # Nearly every message comes from a known counter: it costs one look-up and its decoder.
            route = self._routes.get(entry.topic) if master is self._master else None
            if route is not None and not entry.retain and not entry.size:
                plant, line, device, decoder, zone = route
                reading = decoder(entry.payload, zone)
                if not isinstance(reading, Rejection):
                    return Counted(entry_id, plant, line, device, reading, entry.topic, entry.payload)
            if self._sources and not entry.topic.startswith(self._prefix):
                published = self._read_foreign(entry_id, entry, master, replay=False)
                if published is not None:
                    return published
            return self._message(entry_id, entry, master)
        except Exception as error:  # noqa: BLE001 - the boundary: outside input never ends the gateway
            unread = Rejection(Malformed.NOT_JSON, f"payload: cannot be read: {type(error).__name__}")
            topic = self._topics.parse(entry.topic)
            if isinstance(topic, DeviceTopic):
                return self._refuse(entry_id, entry, topic, unread)
            return Refused(entry_id, "", "", "", entry.topic, entry.payload, unread, feedback=False)

    def _message(self, entry_id: int, entry: Entry, master: MasterData, *, replay: bool = False) -> Event | None:
        if master is not self._master:
            self._master, self._routes = master, {}
        topic = self._topics.parse(entry.topic)
        match topic:
            case DeviceTopic(plant, line, device, kind):
                if entry.size or (entry.retain and kind != "state"):
                    return self._refuse(entry_id, entry, topic, unfit(entry, MAX_PAYLOAD))
                if kind == "count":
                    return self._count(entry_id, entry, topic, master)
                if kind == "scan":
                    return self._scan(entry_id, entry, topic, master)
                state = decode_state(entry.payload)
                if isinstance(state, Rejection):
                    return self._refuse(entry_id, entry, topic, state)
                return Presence(entry_id, plant, line, device, state.online)
            case RequestTopic() | GatewayRequestTopic():
                return self._decode_request(entry_id, entry, topic, master)
            case CanaryTopic():
                return None
            case Rejection():
                published = self._read_foreign(entry_id, entry, master, replay=replay)
                refused = Refused(entry_id, "", "", "", entry.topic, entry.payload, topic, feedback=False)
                return refused if published is None else published

    def _read_foreign(self, entry_id: int, entry: Entry, master: MasterData, *, replay: bool) -> Published | None:
        if not self._sources:
            return None
        if self._reader is None:
            from gateway.service.fold.published import PublicationReader  # noqa: PLC0415 - loads all decoders

            self._reader = PublicationReader(self._rules, self._knowledge)
        return self._reader.read(entry_id, entry, master, self.at, replay=replay)

    def request_of(self, entry: Entry) -> Request | Rejection:
        """Read the request that an entry is, by topic or by command."""
        match self._topics.parse(entry.topic):
            case RequestTopic(plant, line, verb):
                return parse_request(entry.payload, verb=verb, plant=plant, line=line)
            case GatewayRequestTopic(_, verb):
                return parse_request(entry.payload, verb=verb)
            case _:
                return parse_request(entry.payload)

    def _decode_request(self, entry_id: int, entry: Entry, topic: Asked, master: MasterData) -> Command:
        """Turn a request by topic into a command: its verb has to be enabled."""
        request = self.request_of(entry)
        if isinstance(request, Rejection):
            return _refuse_request(entry_id, request, entry.payload, topic)
        refused = self._refuse_verb(topic)
        if refused is not None:
            place = request.plant, request.line
            return Command(entry_id, topic.verb, *place, refused, request.actor, "", request.transaction, "")
        return self.command(entry_id, request, master, {})

    def _refuse_verb(self, topic: Asked) -> Rejection | None:
        """Refuse a verb that is off, or of the other kind of topic: a right for one line must not reach others."""
        verb = topic.verb
        if verb not in self._allowed:
            return Rejection(Reason.NOT_ALLOWED, f"requests of {verb} are not enabled: see mqtt.allow_requests")
        is_of_line = isinstance(topic, RequestTopic)
        if verb in (LINE_VERBS if is_of_line else GATEWAY_VERBS):
            return None
        where = "_gateway/GATEWAY" if is_of_line else "PLANT/LINE"
        return Rejection(Reason.NOT_ALLOWED, f"requests of {verb} go to {self._prefix}{where}/_request/{verb}")

    def command(
        self, entry_id: int, request: Request, master: MasterData, quarantined: Mapping[int, QuarantineEntry]
    ) -> Command:
        """Make a command, which needs a transaction of its sender; a replay carries its messages, decoded again."""
        action = self._action_of(entry_id, request, master) if request.transaction else _NAMELESS
        replays = {}
        if isinstance(action, QuarantineReplay):
            for number, old in quarantined.items():
                event = self._message(old.entry, Entry(MESSAGE, old.topic, old.payload), master, replay=True)
                if isinstance(event, Published):
                    event = _newest(event, old.device)
                if event is not None:
                    replays[number] = event
        return Command(
            entry_id,
            request.verb,
            request.plant,
            request.line,
            action,
            request.actor,
            request.reason,
            request.transaction,
            request.digest,
            replays,
        )

    def _action_of(self, entry_id: int, request: Request, master: MasterData) -> Action | Rejection:
        if amends(request):
            try:
                return amendment_of(request, entry_id, self._content, master, self._rules.open_names)
            except Exception as error:  # noqa: BLE001 - the boundary: outside input never ends the gateway
                return Rejection(Reason.BAD_COMMAND, f"{request.verb}: cannot be read: {type(error).__name__}")
        return action_of(request, master, **self._lenient)

    def _scan(self, entry_id: int, entry: Entry, topic: DeviceTopic, master: MasterData) -> Event:
        scan = self._decode_scan(entry.payload, zone_in(master, topic.device), self._scanned)
        if isinstance(scan, Rejection):
            return self._refuse(entry_id, entry, topic, scan)
        meaning = meaning_of(scan.data, master, self._dialect)
        return Scanned(entry_id, topic.plant, topic.line, topic.device, scan, meaning, entry.topic, entry.payload)

    def _refuse(self, entry_id: int, entry: Entry, topic: DeviceTopic, rejection: Rejection) -> Refused:
        is_scan = topic.kind == "scan"
        ref = id_in(entry.payload) if is_scan else ""
        place = topic.plant, topic.line, topic.device
        return Refused(entry_id, *place, entry.topic, entry.payload, rejection, feedback=is_scan, ref=ref)

    def _count(self, entry_id: int, entry: Entry, topic: DeviceTopic, master: MasterData) -> Event:
        device = master.devices.get(topic.device)
        decoder = self._decoders.get(device.decoder if device is not None else "native")
        if decoder is None:
            unknown = Rejection(
                Malformed.UNKNOWN_DECODER, f"device {topic.device}: there is no decoder {device and device.decoder}"
            )
            return self._refuse(entry_id, entry, topic, unknown)
        zone = zone_in(master, topic.device)
        reading = decoder(entry.payload, zone)
        if isinstance(reading, Rejection):
            return self._refuse(entry_id, entry, topic, reading)
        if device is not None and len(self._routes) < MOST_ROUTES:
            self._routes[entry.topic] = (topic.plant, topic.line, topic.device, decoder, zone)
        return Counted(entry_id, topic.plant, topic.line, topic.device, reading, entry.topic, entry.payload)


def _refuse_request(entry_id: int, refused: Rejection, payload: bytes, of: Asked = _NO_TOPIC) -> Command:
    """Refuse a request that cannot be read; its transaction goes with the answer, if that can be read."""
    plant, line = of[:2] if isinstance(of, RequestTopic) else ("", "")
    return Command(entry_id, of.verb, plant, line, refused, "", "", transaction_in(payload), "")


def _forms_of(edition: int) -> tuple[Mapping[str, CountDecoder], Callable[..., Scan | Rejection]]:
    """Return the decoders of counts, by name, and that of scans."""
    if edition >= _ANY_LETTER_SINCE:
        return DECODERS, decode_scan
    from devices.decoders import earlier  # noqa: PLC0415 - older journals alone are read by it

    return {**DECODERS, "native": earlier.decode_count}, earlier.decode_scan


def _newest(event: Published, device: str) -> Event | None:
    """Return the newest readable part of a device (empty: of any), whose total covers those before it."""
    parts = [part for part in event.parts if device in ("", part.device)]
    readable = [part for part in parts if not isinstance(part, Refused)]
    return (readable or parts or [None])[-1]


def _import(entry_id: int, entry: Entry, master: MasterData, content: bytes) -> MasterDataImport | Command:
    """Decode an amendment; one with a transaction is a command, which is carried out once."""
    transaction = digest = ""
    try:
        change = load_amendment(entry.payload)
        if change.transaction:
            transaction = change.transaction
            said = entry.topic.encode() + dump_amendment(change._replace(beside="", transaction=""))
            digest = hashlib.sha256(said).hexdigest()[:32]
        made: MasterDataImport | Rejection = import_of(entry_id, change, entry.topic, content, master)
    except UsageError as error:
        made = Rejection(Reason.BAD_COMMAND, str(error))
    if isinstance(made, MasterDataImport) and not transaction:
        return made
    reason = made.reason if isinstance(made, MasterDataImport) else ""
    return Command(entry_id, "import", "", "", made, entry.topic, reason, transaction, digest)


def _import_whole(entry_id: int, entry: Entry, master: MasterData, content: bytes) -> MasterDataImport | Command:
    """Decode an import of the first releases."""
    try:
        change, imported, text, differs = arrive_whole(entry.payload, content, master)
    except UsageError as error:
        refused = Rejection(Reason.BAD_COMMAND, str(error))
        return Command(entry_id, "import", "", "", refused, entry.topic, "", "", "")
    return MasterDataImport(entry_id, imported, text, entry.topic, change.reason, change.judged, differs)
