"""The page of scanners: a browser is connected by the code that it shows, connected again, or removed.

A new scanner is a device, which the gateway adds to the master data first. A form is one request: sent again, it
changes nothing more.
"""

import time
import uuid
from collections import deque
from collections.abc import Mapping
from contextlib import suppress

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.errors import BackflushError, UsageError
from gateway.web.account_pages import OwnPassword
from gateway.web.accounts import AccountFault
from gateway.web.admin_pages import admin_change, admin_page, form_of
from gateway.web.asking import Asking, GatewayAnswer, VisitorRequest
from gateway.web.guard import Door, address_of
from gateway.web.ledger_reader import LedgerReader
from gateway.web.pages import Pages
from gateway.web.scanners import name_scanner, plant_of_scanner, read_scanners, request_for_scanner
from gateway.web.tables import PageWords
from gateway.web.texts import LANGUAGES, texts

PATH = "/admin/scanners"
_MOST_KEPT = 100
_BAD, _FORBIDDEN = 400, 403


class ScannerPages:
    """The page, over the accounts and the master data."""

    def __init__(self, pages: Pages, own: OwnPassword, reader: LedgerReader, asking: Asking, public_url: str) -> None:
        self._pages = pages
        self._own = own
        self._accounts = own.accounts
        self._reader = reader
        self._asking = asking
        self._public_url = public_url
        self._done: deque[str] = deque(maxlen=_MOST_KEPT)
        """The last forms that have connected a scanner."""

    @property
    def doors(self) -> list[Door]:
        """The routes."""
        return [
            admin_page(PATH, self._scanners, "scanners"),
            admin_change(PATH, self._connect),
            admin_change(f"{PATH}/remove", self._remove),
        ]

    async def _scanners(self, request: Request) -> Response:
        return await self._show(request)

    async def _show(
        self, request: Request, fault: str = "", status: int = 200, refused: GatewayAnswer | None = None
    ) -> Response:
        """Show the scanners, and the form that connects one, which brings its name and transaction along."""
        words = PageWords(self._pages.language_of(request), self._reader.facts.master)
        said = {"new": name_scanner(),
                "device": request.query_params.get("device", ""), **form_of(request)}  # fmt: skip
        is_open = refused is not None and refused.status == "unknown"  # the same request is asked again for its answer
        if not is_open or "transaction" not in said:
            said["transaction"] = f"web-{uuid.uuid4()}"
        keys, master = self._accounts.keys("scanner"), self._reader.facts.master
        others: set[str] = set()
        with suppress(BackflushError):  # a lost phone is removed all the same
            others = {*await self._reader.ask(read_scanners)} - {key.name for key in keys}
        address = (self._public_url or str(request.base_url)).rstrip("/") + "/pair"
        code = "not_known" if is_open else refused.code if refused is not None else ""
        return self._pages.show(
            request, "admin_scanners.html", status, keys=keys, others=sorted(others), plants=sorted(master.plants),
            said=said, fault=fault, refused=refused, address=address,
            meaning=words.meaning(refused.code) if refused is not None else "",
            remedy=words.texts.get(f"helps_{code}", ""),
            languages=[(each, texts(each)["own_name"]) for each in LANGUAGES],
            picture=segno.make(address, micro=False).svg_data_uri(scale=5, border=4, light="#fff"),
        )  # fmt: skip

    async def _connect(self, request: Request) -> Response:
        """Add a scanner to the master data if it is a new one, and make it of the browser that shows the code."""
        try:
            scanners = await self._reader.ask(read_scanners)
        except BackflushError as error:
            return self._pages.explain(request, "scanners", error)
        if fault := await self._own.confirm(request):
            return await self._show(request, fault, _FORBIDDEN)
        form, visitor = request.state.form, request.state.visitor
        transaction = form.get("transaction", "")
        try:
            code = "".join(form.get("code", "").split())
            self._accounts.find_pairing(code, time.time())
            device, plant, is_new = _device_of(form, scanners)
            if is_new:
                wish = VisitorRequest(
                    transaction=transaction, **request_for_scanner(device, plant, form.get("language", ""))
                )
                answer = await self._asking.ask(visitor, wish)
                if answer.status != "ok":
                    return await self._show(request, "", answer.http_status, answer)
            async with self._accounts.change():
                if may_stay := self._own.may_stay(visitor):
                    self._accounts.pair_scanner(code, device, plant, time.time())
                    self._accounts.note(time.time(), visitor.name, "scanner paired", device, address_of(request))
            if not may_stay:
                return await self._show(request, "changed_meanwhile", _FORBIDDEN)
        except AccountFault as error:
            if not transaction or transaction not in self._done:
                return await self._show(request, "no_browser" if error.key == "no_code" else error.key, _BAD)
        except UsageError:
            return await self._show(request, "no_scanner", _BAD)
        else:
            self._done.append(transaction)
        return RedirectResponse(PATH, 303)

    async def _remove(self, request: Request) -> Response:
        device, name = request.state.form.get("name", ""), request.state.visitor.name
        try:
            async with self._own.change(request) as fault:
                if not fault:
                    self._accounts.remove_key("scanner", device)
                    self._accounts.note(time.time(), name, "scanner removed", device, address_of(request))
        except AccountFault as error:
            return await self._show(request, error.key, _BAD)
        return await self._show(request, fault, _FORBIDDEN) if fault else RedirectResponse(PATH, 303)


def _device_of(form: Mapping[str, str], scanners: Mapping[str, str]) -> tuple[str, str, bool]:
    """Return the device and plant that a form says, and whether it is a new one; UsageError: no browser can be it."""
    if again := form.get("device", ""):
        return again, plant_of_scanner(scanners, again), False
    name = form.get("name", "").strip()
    return name_scanner(name) if name else form.get("new", ""), form.get("plant", ""), True
