"""Scans of web scanners: each is published as that of a roaming device, and proven by the gateway's own answer.

The acknowledgement of the broker proves nothing, so a scan without an answer in time is *not known yet* (202), and one
that was `queued` alone is not posted yet (202): its page repeats it under the same id, and the gateway gives its first
answer again. What a scan may say is judged by the gateway
alone; here only whose it is, and by the topic of which line it goes. A scanner is known by its cookie, and scans under
its own id.
"""

import asyncio
import time
from typing import Final, get_args

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from devices.answers import NOT_STORED, ScanAnswer, read_feedback
from devices.barcodes.controls import Verb, control_code
from devices.decoders.strict_json import MAX_BYTES, id_in, read_object
from devices.errors import Rejection
from gateway.backflush.memory.records import Result
from gateway.backflush.plant.snapshot import ROAMING
from gateway.errors import BackflushError, Reason
from gateway.ledger.store.load import master_bytes
from gateway.masterdata.rows import OperationRow, ScrapReasonRow, VersionRow
from gateway.masterdata.tables import Tables, tables_in
from gateway.mqtt.topics import Topics
from gateway.web.guard import DISPLAY, Door, cookie_name, read_body
from gateway.web.ledger_reader import LedgerReader
from gateway.web.meters import SCAN_ANSWER_S, SCANS
from gateway.web.monitor import Channel
from gateway.web.pages import A_YEAR_S, Pages, remember
from gateway.web.problems import Problem
from gateway.web.rights import Place, Visitor
from gateway.web.scan_check import PATH as CHECK
from gateway.web.scan_place import place_of_scan

_ANSWER_S: Final = 6.0
"""Less than a page waits, so that it hears that nothing is known yet."""
_MOST_AT_ONCE: Final = 4
"""Scans of one scanner that wait for an answer: its page sends one after the other."""
_RESULTS: Final = frozenset(get_args(Result))
_CHOICES: Final = (VersionRow.table, OperationRow.table, ScrapReasonRow.table)
_SHELL: Final = ("app.css", "scan.css", "icon.svg", "page.js", "scan-queue.js", "scan-wedge.js", "scan-camera.js",
                 "scan.js", "zxing-reader.js", "scan-check.css", "scan-check.js")  # fmt: skip
"""The page, and that of the check, need these to start without a network."""
_LATER: Final = ("zxing-reader.wasm",)
_ICONS: Final = {
    "icon.svg": {"sizes": "any", "type": "image/svg+xml"},
    "icon-192.png": {"sizes": "192x192", "type": "image/png"},
    "icon-512.png": {"sizes": "512x512", "type": "image/png"},
    "icon-maskable.png": {"sizes": "512x512", "type": "image/png", "purpose": "maskable"},
}
"""Those of home screens; a system cuts a maskable one to its own shape."""


class Scans:
    """The page of scanners, and the door of their scans."""

    def __init__(self, base: str, pages: Pages, reader: LedgerReader) -> None:
        self._topics = Topics(base, "web")
        self._pages = pages
        self._reader = reader
        self._waiting: dict[tuple[str, str], list[asyncio.Queue[tuple[ScanAnswer, bytes]]]] = {}
        self._tables: tuple[str, Tables] = ("", Tables())
        self.channel = Channel(self._topics.feedback("+", "+", "+"), self._hear)

    @property
    def doors(self) -> list[Door]:
        """The routes. A browser keeps the page, which holds nothing of a plant: what needs a right are scans."""
        return [
            Door("/scan", "GET", None, self._lead),
            Door("/scan/shell", "GET", None, self._page),
            Door("/scan/worker.js", "GET", None, self._worker),
            Door("/scan/{plant}/{device}", "GET", None, self._page),
            Door("/scan/{plant}/{device}/manifest", "GET", None, self._manifest),
            Door("/scan/{plant}/{device}/choices", "GET", "scan", self._choices),
            Door("/api/v1/scans", "POST", "scan", self._take),
        ]

    # -- the page

    async def _lead(self, _: Request) -> Response:
        """Lead to the pairing, which knows the scanner that a browser is and leads on to its page."""
        return RedirectResponse("/pair", 303)

    async def _page(self, request: Request) -> Response:
        return self._pages.show(request, "scan.html")

    async def _worker(self, request: Request) -> Response:
        """Answer with the service worker of this version: it keeps the page, so that it starts without a network."""
        shell, check = (f"{path}?lang={self._pages.language_of(request)}" for path in ("/scan/shell", CHECK))
        files, later = ([self._pages.assets.address(name) for name in names] for names in (_SHELL, _LATER))
        version = self._pages.version
        return self._pages.assets.script("scan-worker.js", version=version, shell=shell, check=check, files=files,
                                         later=later)  # fmt: skip

    async def _manifest(self, request: Request) -> Response:
        device = request.path_params["device"]
        icons = [{"src": self._pages.assets.address(name), **about} for name, about in _ICONS.items()]
        return JSONResponse({
            "name": f"Backflush {device}", "short_name": device, "id": f"/scan/{request.path_params['plant']}/{device}",
            "start_url": f"/scan/{request.path_params['plant']}/{device}", "scope": "/scan/", "display": "standalone",
            "background_color": "#0e1318", "theme_color": "#0e1318", "icons": icons,
        }, media_type="application/manifest+json")  # fmt: skip

    async def _choices(self, request: Request) -> Response:
        """Answer with the cards that the page offers in place of paper, and the time."""
        visitor, plant = request.state.visitor, request.path_params["plant"]
        if not _is_own(visitor, plant, request.path_params["device"]):
            return Problem(403, "this browser is another scanner").answer()
        digest = self._reader.facts.digest
        try:
            if self._tables[0] != digest:
                self._tables = digest, await self._reader.ask(_read_tables)
        except BackflushError as error:
            return Problem(503, str(error)).answer()
        tables, lines = self._tables[1], self._reader.facts.lines
        answer = JSONResponse({
            "now": time.time(),
            "lines": [_card(f"{line} {lines[place].name}", Verb.LINE, plant, line)
                      for place in sorted(lines) for line in [place[1]] if place[0] == plant and line != ROAMING],
            "points": _points(tables, plant, request.query_params.get("at", "")),
            "reasons": [card for row in tables.of(ScrapReasonRow)
                        if (card := _card(f"{row.reason} {row.text}", Verb.SCRAP, row.reason)) is not None],
        })  # fmt: skip
        # A browser forgets a cookie after a year: with each start of the page the year begins again.
        return remember(request, answer, DISPLAY, request.cookies[cookie_name(request, DISPLAY)], A_YEAR_S)

    # -- scans

    async def _take(self, request: Request) -> Response:
        """Publish a scan, and answer with the gateway's own feedback."""
        body = await read_body(request, MAX_BYTES)
        if body is None:
            return Problem(413, f"expected at most {MAX_BYTES} bytes").answer()
        said, ref = read_object(body), id_in(body)
        if not ref:
            return Problem(
                400, "expected a JSON object with one id of 1 to 64 printable characters without blanks"
            ).answer()
        plant, device = said.get("plant"), said.get("device")
        if not _is_own(request.state.visitor, plant, device):
            return Problem(403, "expected the plant and device of this scanner").answer()
        began_s = time.perf_counter()
        try:
            place = await place_of_scan(self._reader, str(plant), str(device), said)
            if isinstance(place, Rejection):
                return Problem(400, place.text, place.code).answer()
            heard = await self._ask(place, str(device), ref, body)
        except _TooManyAtOnce:
            return Problem(429, "expected one scan after the other").answer()
        except BackflushError as error:
            return Problem(503, str(error)).answer()
        if heard is None or heard[0].result == "queued":
            SCANS.labels("unknown" if heard is None else "queued").inc()
            known = "not known yet" if heard is None else "safe, not posted yet"
            return JSONResponse({"id": ref, "text": f"{known}: send it again under the same id"}, 202)
        answer, feedback = heard
        SCANS.labels(answer.result if answer.result in _RESULTS else "other").inc()
        SCAN_ANSWER_S.observe(time.perf_counter() - began_s)
        if answer.code == NOT_STORED:
            return Problem(503, answer.text, answer.code).answer()
        if answer.code == Reason.CONFLICT:
            return Problem(422, answer.text, answer.code).answer()
        return Response(feedback, media_type="application/json")

    async def _ask(self, place: Place, device: str, ref: str, body: bytes) -> tuple[ScanAnswer, bytes] | None:
        """Publish a scan, and return the feedback with its id: the last one, if the first says that it is queued."""
        topic = self._topics.feedback(*place, device)
        if sum(len(heard) for key, heard in self._waiting.items() if key[0] == topic) >= _MOST_AT_ONCE:
            raise _TooManyAtOnce
        mine: asyncio.Queue[tuple[ScanAnswer, bytes]] = asyncio.Queue()
        listening = self._waiting.setdefault((topic, ref), [])
        listening.append(mine)
        heard: tuple[ScanAnswer, bytes] | None = None
        try:
            async with asyncio.timeout(_ANSWER_S):
                await self.channel.publish(self._topics.device(*place, device, "scan"), body)
                while heard is None or heard[0].result == "queued":
                    heard = await mine.get()
        except TimeoutError:
            pass
        finally:
            listening.remove(mine)
            if not listening:
                self._waiting.pop((topic, ref), None)
        return heard

    def _hear(self, topic: str, payload: bytes) -> None:
        """Give a feedback to the requests that wait for it."""
        answer = read_feedback(payload)
        if answer is not None:
            for mine in self._waiting.get((topic, answer.ref), ()):
                mine.put_nowait((answer, payload))


class _TooManyAtOnce(Exception):
    """The scanner waits for several answers already."""


def _is_own(visitor: Visitor, plant: object, device: object) -> bool:
    """Return whether a scanner speaks of itself."""
    return visitor.kind == "scanner" and device == visitor.name and visitor.lines == (f"{plant}/{ROAMING}",)


def _read_tables(connection: Connection) -> Tables:
    return tables_in(master_bytes(connection) or b"", _CHOICES)


def _card(text: str, verb: Verb, *values: str) -> dict[str, str] | None:
    """Return a card with its text; None for values that no card can hold."""
    try:
        return {"card": control_code(verb, *values), "text": text.strip()}
    except ValueError:
        return None


def _points(tables: Tables, plant: str, line: str) -> list[dict[str, str] | None]:
    """Return the cards of the reporting points of what a line makes."""
    made = {(row.plant, row.material, row.routing) for row in tables.of(VersionRow)
            if (row.plant, row.line) == (plant, line)}  # fmt: skip
    points = {row.operation: row.description for row in tables.of(OperationRow)
              if row.reporting_point and (row.plant, row.material, row.routing) in made}  # fmt: skip
    return [_card(f"{point} {text}", Verb.POINT, point) for point, text in sorted(points.items())]
