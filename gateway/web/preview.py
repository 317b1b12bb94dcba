"""Previews: what a request would post, by the engine itself on the ledger's state, in a process of its own.

The engine's work would let the pages of everybody wait, and its memory stays no longer than the preview. The process is
forked from one that has loaded the program and nothing else: to load it takes longer than most previews.
"""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Final

from gateway.errors import LedgerUnavailable, NoLedger, Unavailable
from gateway.settings import Settings

LONGEST_S: Final = 60.0
_PROGRAM: Final = ("gateway.service.fold.requests", "gateway.service.local.dry_run")
ACTUAL: Final = frozenset({"components", "activities", "complete"})
"""The data of a posting that replace what the lists have."""


def rehearse(settings: Settings, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer that a request would get now, its documents as a report has them, and what the lists have."""
    from gateway.service.fold.requests import request_for  # noqa: PLC0415 - the process of pages does not need the engine
    from gateway.service.local.dry_run import dry_request, would_text  # noqa: PLC0415 - see above

    found = standard = dry_request(settings, request_for(dict(said)))
    [answer] = found.changes.responses
    data = json.loads(answer.data)
    if answer.status != "ok":
        return {"status": answer.status, "code": str(answer.code), "text": answer.text, "data": data}
    if said["verb"] == "post" and said["data"].keys() & ACTUAL:
        plain = {name: value for name, value in said["data"].items() if name not in ACTUAL}
        standard = dry_request(settings, request_for({**said, "data": plain}))
    data = {name: value for name, value in data.items() if name not in ("document", "documents")}
    return {"status": "ok", "code": str(answer.code), "text": would_text(data), "data": data,
            "documents": found.documents, "standard": standard.standard}  # fmt: skip


class Previews:
    """Makes previews, one at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload([*_PROGRAM])
        self._one = asyncio.Semaphore(1)
        self._waiting: set[object] = set()
        """The visitors whose preview has not begun."""

    async def show(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Return the preview of a request; BackflushError if it cannot be made, or if its visitor waits for one."""
        actor = said.get("actor")
        if actor in self._waiting:
            raise Unavailable("a preview of yours waits already: wait for it, or try again in a minute")
        try:
            async with asyncio.timeout(LONGEST_S):
                self._waiting.add(actor)
                try:
                    await self._one.acquire()
                finally:
                    self._waiting.discard(actor)
                try:
                    return await self._make(said)
                finally:
                    self._one.release()
        except (BrokenProcessPool, TimeoutError) as error:
            raise Unavailable("the preview took too long, or too much memory") from error
        except NoLedger as error:
            raise LedgerUnavailable(str(error)) from error

    async def _make(self, said: Mapping[str, Any]) -> dict[str, Any]:
        pool = ProcessPoolExecutor(1, mp_context=self._context)
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, rehearse, self._settings, said)
        finally:
            for process in [*(pool._processes or {}).values()]:  # noqa: SLF001 - one that hangs would stay
                process.kill()
            pool.shutdown(wait=False)
