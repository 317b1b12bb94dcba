"""Upload pages: a file of master data is checked, its changes are shown, and its person decides, without JavaScript.

Each page carries the transaction of its decision, so a double click has one answer. What is in force already cannot be
decided again, so the back button finds its answer.
"""

import uuid
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.errors import BackflushError, Reason, UsageError
from gateway.ledger.reports.postings import format_time
from gateway.masterdata.merge import Missing
from gateway.web.asking import GatewayAnswer
from gateway.web.guard import Door
from gateway.web.ledger_reader import LedgerReader
from gateway.web.pages import Pages
from gateway.web.tables import PageWords
from gateway.web.upload_check import MOST_CONFIRMED, MOST_TOLD
from gateway.web.upload_form import UploadForm, read_upload_fields
from gateway.web.uploads import Upload, Uploads

CHOICES: Final = {"keep": Missing.KEPT, "remove": Missing.REMOVED}
"""The fate of rows in force that the tables of a file lack."""


class UploadPages:
    """The pages of uploads."""

    def __init__(self, pages: Pages, reader: LedgerReader, uploads: Uploads) -> None:
        self._pages = pages
        self._reader = reader
        self._uploads = uploads

    @property
    def doors(self) -> list[Door]:
        """The routes."""
        return [
            Door("/imports/new", "GET", "admin", self._show_form, "all"),
            Door("/imports/new", "POST", "admin", self._check, "all", read_form=read_upload_fields),
            Door("/imports/{upload}", "GET", "admin", self._show, "all"),
            Door("/imports/{upload}", "POST", "admin", self._decide, "all"),
        ]

    async def _show_form(self, request: Request) -> Response:
        return self._ask_for_file(request)

    def _ask_for_file(self, request: Request, status: int = 200, fault: str = "", why: str = "") -> Response:
        words = self._words(request)
        waiting = [(each, words.moment(format_time(int(each.at * 1e6)))) for each in
                   self._uploads.of(request.state.visitor)]  # fmt: skip
        rows = request.query_params.get("rows", "keep")
        return self._pages.show(
            request, "upload.html", status, fault=fault, why=why, waiting=waiting,
            choices=[(name, words.texts[f"upload_{name}"]) for name in CHOICES], rows=rows,
        )  # fmt: skip

    async def _check(self, request: Request) -> Response:
        form: UploadForm = request.state.upload
        if form.is_too_long:
            return self._ask_for_file(request, 413, "upload_too_long")
        if form.why:
            return self._ask_for_file(request, 503, why=form.why)
        if not form.name:
            return self._ask_for_file(request, 400, "upload_no_file")
        missing = CHOICES.get(form.fields.get("rows", ""), Missing.KEPT)
        try:
            upload = await self._uploads.check(request.state.visitor, form.name, form.content, missing)
        except BackflushError as error:
            return self._ask_for_file(request, 422 if isinstance(error, UsageError) else 503, why=str(error))
        return RedirectResponse(f"/imports/{upload.name}", 303)

    async def _show(self, request: Request) -> Response:
        upload = self._uploads.find(request.state.visitor, request.path_params["upload"])
        return self._show_upload(request, upload)

    async def _decide(self, request: Request) -> Response:
        upload = self._uploads.find(request.state.visitor, request.path_params["upload"])
        if upload is None:
            return self._show_upload(request, upload)
        said = request.state.form
        ticked = [number for number in range(len(upload.confirm)) if f"row-{number}" in said]
        confirmed = [upload.confirm[number] for number in ticked]
        transaction = said.get("transaction") or f"web-{uuid.uuid4()}"
        reason = said.get("reason", "").strip()
        answer = await self._uploads.decide(request.state.visitor, upload, transaction, reason, confirmed)
        return self._show_upload(request, upload, answer, ticked, reason)

    def _show_upload(
        self,
        request: Request,
        upload: Upload | None,
        answer: GatewayAnswer | None = None,
        ticked: "list[int] | tuple[int, ...]" = (),
        reason: str = "",
    ) -> Response:
        """Show an upload with the answer to its decision; a refused decision can be made again."""
        if upload is None:
            return self._ask_for_file(request, 404, "upload_gone")
        words = self._words(request)
        answer = answer or upload.answer
        is_open = answer is None or answer.status != "ok"
        again = answer is not None and answer.status == "unknown"
        # The text of a refusal because of other master data says what helps.
        name = "not_known" if again else answer.code if answer and is_open and answer.code != Reason.CHANGED else ""
        return self._pages.show(
            request, "uploaded.html", answer.http_status if answer else 200, upload=upload, report=upload.report,
            words=words, answer=answer, ticked=ticked, reason=reason, again=again,
            at=words.moment(format_time(int(upload.at * 1e6))), most=MOST_CONFIRMED, told=MOST_TOLD,
            may_decide=is_open and upload.change and not upload.report["errors"],
            transaction=answer.transaction if answer is not None and again else f"web-{uuid.uuid4()}",
remedy=words.texts.get(f"helps_{name}", "") if name else "",
        )  # fmt: skip

    def _words(self, request: Request) -> PageWords:
        return PageWords(self._pages.language_of(request), self._reader.facts.master)
