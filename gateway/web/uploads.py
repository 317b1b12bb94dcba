"""Uploads: files of master data that were checked and wait for the decision of their own person.

They are few and wait an hour at most, in memory: one that is gone is uploaded again. What is imported is exactly what
was checked: if other master data have come into force meanwhile, it is refused. Rows that go, devices that move and
runs that change are confirmed one by one. Pages and programs decide by the same function.
"""

import asyncio
import itertools
import secrets
import time
import zlib
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from gateway.errors import Reason, Unavailable
from gateway.ledger.store.load import imports_in_force
from gateway.masterdata.amendments import name_amendment
from gateway.masterdata.merge import Missing
from gateway.service.fold.forms import MAX_TEXT
from gateway.settings import Settings
from gateway.web.asking import Asking, GatewayAnswer, VisitorRequest, actor_of, read_answer, refuse_request
from gateway.web.ledger_reader import open_ledger
from gateway.web.rights import Visitor
from gateway.web.upload_check import MOST_CONFIRMED, check_file

MOST: Final = 20
MOST_OF_VISITOR: Final = 3
MOST_BYTES: Final = 64 << 20
"""Of all that wait, packed."""
KEPT_S: Final = 3600.0
_PATIENCE_S: Final = 60.0
_LONGEST_FILE: Final = 100
_DONE: Final = "the master data is in force"

RowName = tuple[str, tuple[str, ...]]
"""A table and the key of a row."""


class Upload(NamedTuple):
    """A checked file."""

    name: str
    file: str
    """Its name, as its person knows it."""
    actor: str
    at: float
    missing: Missing
    report: Mapping[str, Any]
    change: bytes
    """Packed; empty if it cannot be imported by page, or has been."""
    answer: GatewayAnswer | None = None
    """The answer that put it into force."""

    @property
    def confirm(self) -> list[RowName]:
        """The rows that a person confirms one by one."""
        return [(each["table"], tuple(each["key"])) for each in self.report["confirm"]]


class Uploads:
    """Checks files, keeps them for a while, and has them imported."""

    def __init__(self, settings: Settings, asking: Asking) -> None:
        self._settings = settings
        self._asking = asking
        self._kept: dict[str, Upload] = {}
        self._one = asyncio.Semaphore(1)
        self._checking: set[str] = set()
        """The actors whose file is checked, or waits for that."""

    async def check(self, visitor: Visitor, file: str, content: bytes, missing: Missing) -> Upload:
        """Check a file, and keep it; the oldest of too many of the same person goes.

        UsageError: it cannot be checked. Unavailable: not now.
        """
        actor = actor_of(visitor)
        if actor in self._checking:
            raise Unavailable("a file of yours is being checked: wait for it, or try again in a minute")
        self._checking.add(actor)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._one.acquire()
            try:
                checked = await asyncio.to_thread(check_file, self._settings, file, content, missing)
            finally:
                self._one.release()
        except TimeoutError as error:
            raise Unavailable("files of others are being checked: try again in a minute") from error
        finally:
            self._checking.discard(actor)
        old = {each.name for each in self.of(visitor)[MOST_OF_VISITOR - 1 :]}
        rest = {name: each for name, each in self._kept.items() if name not in old}
        size = sum(len(each.change) for each in rest.values()) + len(checked.change)
        if len(rest) >= MOST or size > MOST_BYTES:
            raise Unavailable("too many uploads wait for a decision: try again within the hour")
        upload = Upload(secrets.token_urlsafe(12), file[-_LONGEST_FILE:], actor, time.time(), missing, *checked)
        self._kept = {**rest, upload.name: upload}
        return upload

    def of(self, visitor: Visitor) -> list[Upload]:
        """Return the uploads of a person, the newest first."""
        self._kept = {name: each for name, each in self._kept.items() if each.at > time.time() - KEPT_S}
        return [each for each in reversed(self._kept.values()) if each.actor == actor_of(visitor)]

    def find(self, visitor: Visitor, name: str) -> Upload | None:
        """Return an upload of a person; None: it is gone, or another's."""
        return next((each for each in self.of(visitor) if each.name == name), None)

    async def decide(
        self, visitor: Visitor, upload: Upload, transaction: str, reason: str, confirmed: Collection[RowName]
    ) -> GatewayAnswer:
        """Have an upload imported, and return the answer; one that is in force already has its first answer again."""
        data = {"upload": upload.name, "confirmed": sorted(confirmed)}
        wish = VisitorRequest("import", transaction, reason=reason, data=data)
        if upload.answer is not None:
            return upload.answer._replace(transaction=transaction)
        if refused := _refuse(upload, wish, confirmed):
            return refused
        answer = await self._asking.ask(visitor, wish, partial(self._import, upload, wish))
        if answer.status == "ok" and upload.name in self._kept:
            self._kept[upload.name] = upload._replace(answer=answer, change=b"")
        return answer

    def _import(self, upload: Upload, wish: VisitorRequest) -> GatewayAnswer:
        """Import what was checked, if the same master data are in force as then; this waits in its thread."""
        expected = upload.report["digest"]
        with open_ledger(self._settings) as connection:
            digests = [each.digest for each in imports_in_force(connection)]
        since = [*itertools.takewhile(lambda digest: digest != upload.report["in_force"], digests)]
        if expected in since[:1]:
            return GatewayAnswer(wish.transaction, "ok", str(Reason.OK), _DONE, {"digest": expected})
        if since:
            text = f"other master data, {since[0][:12]}, have come into force since the check: upload the file again"
            return refuse_request(wish, Reason.CHANGED, text)
        content = name_amendment(zlib.decompress(upload.change), wish.reason, wish.transaction)
        answer = read_answer(wish, self._asking.send_import(content.decode(), upload.actor))
        if answer.status == "ok" and answer.data.get("digest") != expected:
            return answer._replace(text=f"{_DONE}, together with a change that came at the same time")
        return answer


def _refuse(upload: Upload, wish: VisitorRequest, confirmed: Collection[RowName]) -> GatewayAnswer | None:
    """Return why an upload is not imported: it cannot be, or its person has not decided everything."""
    report = upload.report
    if report["errors"]:
        return refuse_request(
            wish, Reason.BAD_COMMAND, f"the file has errors, {report['errors']} in all: mend them first"
        )
    if not report["changed"]:
        return GatewayAnswer(wish.transaction, "ok", str(Reason.OK), "nothing changes", {})
    if report["to_confirm"] > MOST_CONFIRMED:
        text = (
            f"more than {MOST_CONFIRMED} rows to confirm, {report['to_confirm']}: `backflush masterdata import` does it"
        )
        return refuse_request(wish, Reason.ROWS_WOULD_GO, text)
    if not upload.change:
        return refuse_request(wish, Reason.BAD_COMMAND, "the change is too long: `backflush masterdata import` does it")
    if missing := [each for each in upload.confirm if each not in set(confirmed)]:
        table, key = missing[0]
        first = f"{table} {'/'.join(key)}"
        text = f"expected each of {report['to_confirm']} rows to be confirmed, {len(missing)} are not, first {first}"
        return refuse_request(wish, Reason.ROWS_WOULD_GO, text)
    if not (wish.reason.isprintable() and 0 < len(wish.reason) <= MAX_TEXT):
        text = f"reason: expected the reason of the import, at most {MAX_TEXT} printable characters"
        return refuse_request(wish, Reason.BAD_COMMAND, text)
    return None
