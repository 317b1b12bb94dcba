"""Asking: a visitor's request, sent to the gateway that has its line, and the answer.

What a request says is judged by the gateway. Whether the visitor may ask it is judged here, by the function of all
rights, on the line of every record that it names.

Laws: nothing is called done before the gateway has said so, and nothing undone that may be done. A transaction is one
request: a second click, or a page that is sent again, gets the first answer.
"""

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Literal, NamedTuple, Protocol

from sqlalchemy import Connection

from gateway.backflush.values.documents import bracket_of
from gateway.backflush.values.quantities import parse_whole
from gateway.errors import BackflushError, BrokerUnavailable, Reason, Unanswered, Unavailable
from gateway.ledger.reports.requested import (
    answer_to,
    lines_of_backlog,
    lines_of_documents,
    lines_of_entries,
    lines_of_orders,
)
from gateway.masterdata.rows import PlannedOrderRow
from gateway.mqtt.topics import Topics, is_line, is_plant
from gateway.sections import LINE_VERBS, Verb
from gateway.service.floor.floor import READY, Floor
from gateway.service.local.running import ask_for_visitor
from gateway.service.traces import TRACEPARENT, make_traceparent
from gateway.settings import Settings
from gateway.web.ledger_reader import LedgerReader
from gateway.web.rights import EVERY_LINE, Lack, Place, Scope, Visitor, find_lack
from gateway.web.traffic import TRACE

LONGEST_S: Final = 10.0
"""Then it is not known yet whether a request is worked on."""
_THREADS: Final = 32
_MOST_RECORDS: Final = 10_000
"""More are in no request that a gateway takes, so the ledger is not asked where they are."""
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
    "": 503,
}
"""Without a code no gateway has judged it: something is away, or too much is asked at once."""
_OF_A_FILTER: Final = frozenset({"work", "backlog-retry", "quarantine-replay", "quarantine-dismiss"})
"""Requests that reach all that their filter finds, where they name no line."""
_EVERYWHERE: Final[Place] = (EVERY_LINE, EVERY_LINE)
_OF_MASTER_DATA: Final = frozenset({"devices", "import"})
"""Every gateway takes these for all lines, but the word that a counter begins again."""


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

    async def ask(self, topic: str, answers: str, said: Mapping[str, Any], traceparent: str) -> Mapping[str, Any]:
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
        self._deadlines: set[asyncio.Timeout] = set()

    def close(self) -> None:
        """Send no more requests; those under way may still be worked on."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def ask(
        self, visitor: Visitor, wish: VisitorRequest, work: Callable[[], GatewayAnswer] | None = None
    ) -> GatewayAnswer:
        """Send a request, and return the gateway's answer, or that it is not known yet.

        work: has it done instead, in a thread.
        """
        wish, places, refused = await self._judge(visitor, wish)
        if refused is not None:
            return refused
        deadline = asyncio.timeout(self._longest_s + 1)
        self._deadlines.add(deadline)
        try:
            async with deadline:
                if work is not None:
                    return await asyncio.get_running_loop().run_in_executor(self._pool, work)
                return read_answer(wish, await self._send(self.request_of(visitor, wish), places))
        except (Unanswered, TimeoutError) as error:
            text = str(error) or "there is no answer yet"
            return GatewayAnswer(wish.transaction, "unknown", "", text, {})
        except Unavailable as error:
            return refuse_request(wish, Reason.NOT_STORED, describe_unsent(error))
        finally:
            self._deadlines.discard(deadline)

    def give_up(self) -> None:
        """Wait for no answer any longer: visitors are told that it is not known yet."""
        for deadline in self._deadlines:
            if not deadline.expired():
                deadline.reschedule(0.0)

    async def judge(self, visitor: Visitor, wish: VisitorRequest) -> tuple[VisitorRequest, GatewayAnswer | None]:
        """Return a request with the line of its document, and its refusal if the visitor may not ask it."""
        wish, _, refused = await self._judge(visitor, wish)
        return wish, refused

    async def _judge(
        self, visitor: Visitor, wish: VisitorRequest
    ) -> tuple[VisitorRequest, Collection[Place], GatewayAnswer | None]:
        if (lack := find_lack(visitor, scope_of(wish))) is not None:
            return wish, (), refuse_request(wish, Reason.NOT_ALLOWED, lack.print("en", visitor))
        named = _records_of(wish)
        if named is not None and len(named) > _MOST_RECORDS:
            text = f"expected at most {_MOST_RECORDS} records in one request, got {len(named)}"
            return wish, (), refuse_request(wish, Reason.BAD_COMMAND, text)
        if wish.verb in _OF_A_FILTER and not wish.plant and len(mine := visitor.places("lines")) == 1:
            # All that a filter finds is all of the visitor's, as on the list that it is chosen from.
            wish = wish._replace(plant=mine[0][0], line=mine[0][1])
        try:
            places = await self._places_of(wish, named)
        except BackflushError as error:
            return wish, (), refuse_request(wish, Reason.NOT_STORED, describe_unsent(error))
        if not all(visitor.sees(*place) for place in places):
            is_unnamed = named is None and _EVERYWHERE in places
            refusal = Lack("unnamed" if is_unnamed else "line")
            return wish, (), refuse_request(wish, Reason.NOT_ALLOWED, refusal.print("en", visitor))
        if named is not None:
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

    def send_import(self, content: str, actor: str) -> Mapping[str, Any]:
        """Have the gateway of this machine import a change, and return its answer; this waits in its thread."""
        answer = ask_for_visitor(self._settings, {"import": content, "actor": actor}, self._longest_s)
        if answer is None:
            raise BrokerUnavailable(f"gateway {self._settings.gateway.id} does not run on this machine")
        return answer

    async def _send(self, said: dict[str, Any], places: Collection[Place]) -> Mapping[str, Any]:
        own, verb = self._settings.gateway.id, said["verb"]
        traceparent = make_traceparent(*TRACE.get((secrets.token_hex(16), "00")))
        gateway = self._gateway_for(said, {(said["plant"], said["line"])} if said["line"] else places)
        if gateway == own:
            here, loop = {"request": said, TRACEPARENT: traceparent}, asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._pool, ask_for_visitor, self._settings, here, self._longest_s)
            if answer is not None:
                return answer
            if self._floor.gateways.get(own) != READY:
                raise BrokerUnavailable(f"gateway {own} does not run on this machine")
        topics = Topics(self._settings.mqtt.base_topic, own)
        if verb in LINE_VERBS:
            of_line = said["plant"], said["line"], verb
            if not (is_plant(said["plant"]) and is_line(said["line"])):
                text = f"name one line: {verb} goes to gateway {gateway} by the broker, on the topic of a line"
                return {"status": "error", "code": str(Reason.BAD_COMMAND), "text": text, "data": {}}
            return await self._broker.ask(topics.request(*of_line), topics.response(*of_line), said, traceparent)
        of_gateway = gateway, verb
        there = topics.gateway_request(*of_gateway), topics.gateway_response(*of_gateway)
        return await self._broker.ask(*there, said, traceparent)

    def _gateway_for(self, said: Mapping[str, Any], places: Collection[Place]) -> str:
        """Return the gateway that is asked: that of the lines; for master data any that works, this machine's first."""
        owner, own = self._owner_of(places), self._settings.gateway.id
        if said["verb"] not in _OF_MASTER_DATA or "begin" in said["data"]:
            return owner
        phases = self._floor.gateways
        return next((name for name in (own, owner, *phases) if phases.get(name) == READY), owner)

    def _owner_of(self, places: Collection[Place]) -> str:
        """Return the gateway that has some lines: that of this machine, unless others have all of them."""
        owners = {
            str(heard.said.get("gateway") or self._settings.gateway.id)
            for line, heard in self._floor.lines.items()
            if any(place[0] in (EVERY_LINE, line[0]) and place[1] in (EVERY_LINE, line[1]) for place in places)
        }
        own = self._settings.gateway.id
        return own if own in owners or not owners else min(owners)

    async def _places_of(self, wish: VisitorRequest, named: "_Records") -> set[Place]:
        """Return the lines that a request reaches; a record that does not exist is of any."""
        if wish.verb == "import":
            return await self._places_of_orders(wish) if is_of_orders(wish) else {_EVERYWHERE}
        if wish.verb == "devices":
            # A device that is adopted has no place yet, whatever else the request names.
            old = "" if wish.data.get("op") == "adopt" else str(wish.data.get("old"))
            device = self._reader.facts.master.devices.get(old)
            place = (device.plant, device.line) if device is not None else (wish.plant, wish.line)
            return {place if all(place) else _EVERYWHERE}
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

    async def _places_of_orders(self, wish: VisitorRequest) -> set[Place]:
        """Return the lines where orders are, and those where they would be; one without a line is of its plant."""
        rows = wish.data["tables"][PlannedOrderRow.table]
        rows = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
        named = [str(row.get("order")) for row in rows]
        known = [name for name in named if name.isprintable()]  # no other is in the ledger
        found = await self._reader.ask(lambda connection: lines_of_orders(connection, known))
        places = {*found.values()}
        for row, order in zip(rows, named, strict=True):
            plant, line = found.get(order, (EVERY_LINE, ""))
            places.add((str(row.get("plant", plant)), str(row.get("line", line))))
        return {(plant, line or EVERY_LINE) for plant, line in places} or {_EVERYWHERE}


def is_of_orders(wish: VisitorRequest) -> bool:
    """Return whether a request changes planned orders alone."""
    tables = wish.data.get("tables")
    return wish.verb == "import" and isinstance(tables, Mapping) and tables.keys() == {PlannedOrderRow.table}


def scope_of(wish: VisitorRequest) -> Scope:
    """Return the right that a request needs."""
    return "plan" if is_of_orders(wish) else SCOPE_OF[wish.verb]


def describe_unsent(error: BackflushError) -> str:
    """Describe why a request was not sent now; it may have been sent before under the same name."""
    return f"this attempt was not sent: {error}; an earlier one of this name may still be done"


def actor_of(visitor: Visitor) -> str:
    """Return the visitor as the ledger names it: a person is `web:anna`, all others have the name of their kind."""
    return f"{'web' if visitor.kind == 'session' else visitor.kind}:{visitor.name}"


_Records = Collection[int] | Collection[tuple[int, int]] | None


def _records_of(wish: VisitorRequest) -> _Records:
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


def refuse_request(wish: VisitorRequest, code: str, text: str) -> GatewayAnswer:
    """Return the refusal of a request that was not sent."""
    return GatewayAnswer(wish.transaction, "error", str(code), text, {})


def read_answer(wish: VisitorRequest, said: Mapping[str, Any]) -> GatewayAnswer:
    """Return the answer of a gateway to a request."""
    status: Literal["ok", "error"] = "ok" if said["status"] == "ok" else "error"
    return GatewayAnswer(wish.transaction, status, str(said["code"]), str(said["text"]), said["data"])
