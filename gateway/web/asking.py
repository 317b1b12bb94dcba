"""Asking: a visitor's request, sent to the gateway that has its line, and the answer.

What a request says is judged by the gateway. Whether the visitor may ask it is judged here, by the function of all
rights, on the line of every record that it names.

Laws: nothing is called done before the gateway has said so, and nothing undone that may be done. A transaction is one
request: a second click, or a page that is sent again, gets the first answer.
"""

import asyncio
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Literal, NamedTuple, Protocol

from sqlalchemy import Connection

from gateway.backflush.values.documents import bracket_of
from gateway.backflush.values.quantities import parse_whole
from gateway.errors import BackflushError, BrokerUnavailable, Reason, Unanswered, Unavailable, UsageError
from gateway.ledger.reports.requested import answer_to, lines_of_backlog, lines_of_documents, lines_of_entries
from gateway.masterdata.amendments import dump_amendment
from gateway.mqtt.topics import Topics, is_line, is_plant
from gateway.sections import LINE_VERBS, Verb
from gateway.service.floor.floor import Floor
from gateway.service.local.device_changes import DEEDS, Deed, prepare_device
from gateway.service.local.running import ask_for_visitor
from gateway.settings import Settings
from gateway.web.ledger_reader import LedgerReader
from gateway.web.rights import EVERY_LINE, Place, Scope, Visitor, judge

LONGEST_S: Final = 10.0
"""Then it is not known yet whether a request is worked on."""
_LONGEST_IMPORT_S: Final = 60.0
"""A change of a device is waited for longer than its visitor waits: its answer is for the form that comes again."""
_THREADS: Final = 32
_KEPT: Final = 200
_MOST_FINDINGS: Final = 5
SCOPE_OF: Final[Mapping[str, Scope]] = {
    "run-start": "run",
    "run-stop": "run",
    "post": "post",
    "window-close": "post",
    "reverse": "correct",
    "work": "correct",
    "hold": "correct",
    "release": "correct",
    "backlog-retry": "correct",
    "backlog-correct": "correct",
    "backlog-close": "correct",
    "quarantine-replay": "correct",
    "quarantine-dismiss": "correct",
    "period": "admin",
    "devices": "admin",
    "import": "admin",
}
"""The right that each request needs."""
_STATUS: Final = {
    **dict.fromkeys(("BF5001", "BF5010", "BF3018", "BF6004"), 404),
    **dict.fromkeys(("BF5002", "BF5003", "BF5004", "BF5005", "BF5011", "BF5013", "BF5014", "BF4001", "BF4002"), 409),
    **dict.fromkeys(("BF4004", "BF4005", "BF6001", "BF6002", "BF6003", "BF6005", "BF6006", "BF6007"), 409),
    "BF5007": 403,
    "BF9001": 503,
}
_EVERYWHERE: Final[Place] = (EVERY_LINE, EVERY_LINE)


class VisitorRequest(NamedTuple):
    """A request as a form or a program says it."""

    verb: Verb
    transaction: str
    """The name of the request, of its sender's choice: it is worked on once."""
    plant: str = ""
    line: str = ""
    reason: str = ""
    data: Mapping[str, Any] = {}


class GatewayAnswer(NamedTuple):
    """An answer, with the names of every answer to a request."""

    transaction: str
    status: Literal["ok", "error", "unknown"]
    """`unknown`: it may be worked on, now or later; the same transaction gets the answer."""
    code: str
    text: str
    data: Mapping[str, Any]

    @property
    def http_status(self) -> int:
        """The status of the protocol that says the same."""
        return {"ok": 200, "unknown": 202}.get(self.status) or _STATUS.get(self.code, 422)


class BrokerChannel(Protocol):
    """The way to gateways of other machines."""

    async def ask(self, topic: str, answers: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Publish a request, and return its answer; BrokerUnavailable: it was surely not sent."""


class Asking:
    """Sends requests for visitors."""

    def __init__(
        self,
        settings: Settings,
        floor: Floor,
        reader: LedgerReader,
        broker: BrokerChannel,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._longest_s = longest_s
        self._settings = settings
        self._floor = floor
        self._reader = reader
        self._broker = broker
        self._pool = ThreadPoolExecutor(_THREADS, "asking")
        self._one_import = asyncio.Lock()
        self._imports: dict[tuple[str, str], tuple[VisitorRequest, asyncio.Task[GatewayAnswer]]] = {}
        """The newest changes of devices, by actor and transaction, and the work on them."""

    def close(self) -> None:
        """Send no more requests; those under way may still be worked on."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def ask(self, visitor: Visitor, wish: VisitorRequest) -> GatewayAnswer:
        """Send a request, and return the gateway's answer, or that it is not known yet."""
        wish, places, refused = await self._judge(visitor, wish)
        if refused is not None:
            return refused
        try:
            async with asyncio.timeout(self._longest_s + 1):
                if wish.verb == "devices" and wish.data.get("op") in DEEDS and not wish.data.get("begin"):
                    return await self._change_device(visitor, wish, DEEDS[wish.data["op"]])
                return _read(wish, await self._send(self.request_of(visitor, wish), places))
        except (Unanswered, TimeoutError) as error:
            text = str(error) or "there is no answer yet"
            return GatewayAnswer(wish.transaction, "unknown", "", text, {})
        except Unavailable as error:
            return _refuse(wish, Reason.NOT_STORED, describe_unsent(error))

    async def judge(self, visitor: Visitor, wish: VisitorRequest) -> tuple[VisitorRequest, GatewayAnswer | None]:
        """Return a request with the line of its document, and its refusal if the visitor may not ask it."""
        wish, _, refused = await self._judge(visitor, wish)
        return wish, refused

    async def _judge(
        self, visitor: Visitor, wish: VisitorRequest
    ) -> tuple[VisitorRequest, Collection[Place], GatewayAnswer | None]:
        if judge(visitor, SCOPE_OF[wish.verb]) != "yes":
            return wish, (), _refuse(wish, Reason.NOT_ALLOWED, "the right is missing")
        try:
            places = await self._places_of(wish)
        except BackflushError as error:
            return wish, (), _refuse(wish, Reason.NOT_STORED, describe_unsent(error))
        if not all(visitor.sees(*place) for place in places):
            return wish, (), _refuse(wish, Reason.NOT_ALLOWED, "this is not of one of your lines")
        if _records_of(wish) is not None:
            # The ledger says where a record is. A request that claims another place would be recorded there.
            known = (place for place in places if wish.verb == "reverse" and place != _EVERYWHERE)
            plant, line = next(known, ("", ""))
            wish = wish._replace(plant=plant, line=line)
        return wish, places, None

    def request_of(self, visitor: Visitor, wish: VisitorRequest) -> dict[str, Any]:
        """Return a request as the gateway reads it; what is left empty is not said."""
        return {
            "verb": wish.verb,
            "plant": wish.plant,
            "line": wish.line,
            "transaction": wish.transaction,
            "actor": actor_of(visitor),
            "reason": wish.reason,
            "data": {name: value for name, value in wish.data.items() if value not in (None, "")},
        }

    async def find(self, transaction: str) -> GatewayAnswer | None:
        """Return the answer that a transaction got; None if it is not known. BackflushError: it cannot be read."""
        found = await self._reader.ask(lambda connection: answer_to(connection, transaction))
        return None if found is None else GatewayAnswer(**found)

    async def _send(self, said: dict[str, Any], places: Collection[Place]) -> Mapping[str, Any]:
        own, verb = self._settings.gateway.id, said["verb"]
        owner = self._owner_of({(said["plant"], said["line"])} if said["line"] else places)
        if owner == own:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, self._ask_here, {"request": said}, self._longest_s)
        topics = Topics(self._settings.mqtt.base_topic, own)
        if verb in LINE_VERBS:
            of_line = said["plant"], said["line"], verb
            if not (is_plant(said["plant"]) and is_line(said["line"])):
                text = f"name one line: {verb} goes to gateway {owner} by the broker, on the topic of a line"
                return {"status": "error", "code": str(Reason.BAD_COMMAND), "text": text, "data": {}}
            return await self._broker.ask(topics.request(*of_line), topics.response(*of_line), said)
        of_gateway = owner, verb
        return await self._broker.ask(topics.gateway_request(*of_gateway), topics.gateway_response(*of_gateway), said)

    def _owner_of(self, places: Collection[Place]) -> str:
        """Return the gateway that has some lines: that of this machine, unless others have all of them."""
        owners = {
            str(heard.said.get("gateway") or self._settings.gateway.id)
            for line, heard in self._floor.lines.items()
            if any(place[0] in (EVERY_LINE, line[0]) and place[1] in (EVERY_LINE, line[1]) for place in places)
        }
        own = self._settings.gateway.id
        return own if own in owners or not owners else min(owners)

    async def _change_device(self, visitor: Visitor, wish: VisitorRequest, deed: Deed) -> GatewayAnswer:
        """Import the row of a device. An import has no transaction: a form that comes again awaits the same one."""
        key = actor_of(visitor), wish.transaction
        if key not in self._imports:
            if len(self._imports) >= _KEPT:
                del self._imports[next(iter(self._imports))]
            self._imports[key] = wish, asyncio.create_task(self._import_device(key, wish, deed))
        known, work = self._imports[key]
        if known != wish:
            return _refuse(wish, Reason.CONFLICT, f"transaction {wish.transaction} was used before with other content")
        return await asyncio.shield(work)

    async def _import_device(self, key: tuple[str, str], wish: VisitorRequest, deed: Deed) -> GatewayAnswer:
        """Import the row of a device; what was surely not sent may be tried again."""
        try:
            async with self._one_import:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._pool, self._import_row, key[0], wish, deed)
        except Unanswered:
            raise
        except BaseException:
            self._imports.pop(key, None)
            raise

    def _import_row(self, actor: str, wish: VisitorRequest, deed: Deed) -> GatewayAnswer:
        said = {name: str(value) for name, value in wish.data.items()}
        said |= {"plant": wish.plant, "line": wish.line}
        try:
            prepared = prepare_device(self._settings, deed, said)
        except UsageError as error:
            return _refuse(wish, Reason.BAD_COMMAND, str(error))
        if prepared.refused:
            errors = [str(each) for each in prepared.findings if each.severity == "error"]
            return _refuse(wish, Reason.BAD_COMMAND, "; ".join(errors[:_MOST_FINDINGS]))
        if not prepared.changes:
            return GatewayAnswer(wish.transaction, "ok", str(Reason.OK), "nothing changes", {})
        device = said.get("new") or said.get("old", "")
        reason = f"{deed} {device}: {wish.reason}"
        content = dump_amendment(prepared.amendment._replace(reason=reason)).decode()
        answer = self._ask_here({"import": content, "actor": actor}, _LONGEST_IMPORT_S)
        return _read(wish, {**answer, "data": {**answer["data"], "device": device}})

    def _ask_here(self, said: dict[str, Any], seconds: float) -> Mapping[str, Any]:
        """Ask the gateway of this machine."""
        answer = ask_for_visitor(self._settings, said, seconds)
        if answer is None:
            raise BrokerUnavailable(f"gateway {self._settings.gateway.id} does not run on this machine")
        return answer

    async def _places_of(self, wish: VisitorRequest) -> set[Place]:
        """Return the lines that a request reaches; a record that does not exist is of any."""
        if wish.verb == "devices":
            device = self._reader.facts.master.devices.get(str(wish.data.get("old")))
            place = (device.plant, device.line) if device is not None else (wish.plant, wish.line)
            return {place if all(place) else _EVERYWHERE}
        named = _records_of(wish)
        if named is None:
            # Periods are of plants, and the newest units of a version are found on every line of one.
            is_of_plant = wish.verb in ("period", "reverse")
            return {(wish.plant or EVERY_LINE, EVERY_LINE if is_of_plant else wish.line or EVERY_LINE)}
        reads = {"reverse": lines_of_documents, "backlog-correct": lines_of_backlog, "backlog-close": lines_of_backlog}
        read: Any = reads.get(wish.verb, lines_of_entries)

        def look(connection: Connection) -> dict[Any, Place]:
            found: dict[Any, Place] = read(connection, named)
            return found

        found = await self._reader.ask(look)
        return {found.get(name, _EVERYWHERE) for name in named}


def describe_unsent(error: BackflushError) -> str:
    """Describe why a request was not sent now; it may have been sent before under the same name."""
    return f"this attempt was not sent: {error}; an earlier one of this name may still be done"


def actor_of(visitor: Visitor) -> str:
    """Return the visitor as the ledger names it."""
    return f"{'token' if visitor.kind == 'token' else 'web'}:{visitor.name}"


def _records_of(wish: VisitorRequest) -> "Collection[int] | Collection[tuple[int, int]] | None":
    """Return the records that a request names; None if it is of a line, or of all that a filter finds."""
    data = wish.data
    match wish.verb:
        case "reverse" if data.get("document"):
            return _numbers([bracket_of(str(data["document"]))])
        case "backlog-correct":
            return _records([data.get("record")])
        case "backlog-close":
            return _records(data.get("records"))
        case "quarantine-replay" | "quarantine-dismiss" if data.get("numbers"):
            return _numbers(data["numbers"])
        case _:
            return None


def _numbers(said: object) -> list[int]:
    """Return numbers of documents or entries; what is none is 0, which no record has, and the gateway refuses."""
    return [parse_whole(str(each)) or 0 for each in said] if isinstance(said, list) else [0]


def _records(said: object) -> list[tuple[int, int]]:
    """Return backlog records; what is none is of no document."""
    names = [str(each).partition("/") for each in said] if isinstance(said, list) else [("", "", "")]
    return [(parse_whole(document) or 0, parse_whole(item) or 0) for document, _, item in names]


def _refuse(wish: VisitorRequest, code: str, text: str) -> GatewayAnswer:
    return GatewayAnswer(wish.transaction, "error", str(code), text, {})


def _read(wish: VisitorRequest, said: Mapping[str, Any]) -> GatewayAnswer:
    status: Literal["ok", "error"] = "ok" if said["status"] == "ok" else "error"
    return GatewayAnswer(wish.transaction, status, str(said["code"]), str(said["text"]), said["data"])
