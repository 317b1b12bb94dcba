"""The web process: its parts, started and ended together. The end of any of them but by a signal ends the process."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from gateway.errors import Unanswered, Unavailable, UsageError
from gateway.sections import WebSection
from gateway.service.floor.floor import Floor
from gateway.service.local.running import ping
from gateway.service.watch.logs import Sparing
from gateway.settings import Settings
from gateway.web.accounts import WebAccounts, has_users
from gateway.web.asking import Asking
from gateway.web.board import Board
from gateway.web.connections import MOST_UNSENT, BoundedConnection
from gateway.web.invitation import Invitation
from gateway.web.ledger_reader import LedgerReader
from gateway.web.monitor import Monitor
from gateway.web.site import Site

_REFRESH_S: Final = 5.0
_PING_S: Final = 3.0
_GRACE_S: Final = 5
_LOGS: Final = "backflush.web", "uvicorn.error"
"""Strangers can cause lines of these: a few of each kind pass in a minute."""


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    on_ready: Callable[[str], None],
    invitation: Invitation | None = None,
    listening: socket.socket | None = None,
) -> None:
    """Serve the pages until told to stop; `on_ready` gets their address. UsageError if they would be unprotected.

    listening: an open port on loopback, in place of that of the settings.
    """
    if not has_users(settings.accounts_path):
        raise UsageError(
            f"{settings.accounts_path}: expected a user, found none; "
            "`backflush web user add anna --role admin` adds one and asks for the password"
        )
    accounts = WebAccounts(settings.accounts_path, is_of_pages=True)
    reader = LedgerReader(settings)
    floor = Floor(settings.mqtt.base_topic, "", "", time.monotonic, time.time)
    board = Board(floor, reader, settings.board)
    monitor = Monitor(settings, floor, board.hear)
    asking = Asking(settings, floor, reader, monitor)
    site = Site(settings, accounts, board, reader, asking)
    if invitation is not None:
        site.invite(invitation)
    monitor.channels.append(site.scans.channel)
    listening = listening or _listen(settings.web)
    server = _Server(_config(settings.web, site))
    parts: list[Coroutine[Any, Any, None]] = [
        monitor.run(),
        board.run(),
        _refresh(reader, board),
        _watch_gateway(settings, board),
    ]
    tasks = [asyncio.ensure_future(part) for part in parts]
    pages = asyncio.ensure_future(server.serve(sockets=[listening]))
    told = asyncio.ensure_future(_wait(stop))
    sparing = Sparing(time.monotonic)
    for name in _LOGS:
        logging.getLogger(name).addFilter(sparing)
    try:
        on_ready(settings.web.public_url or _address(settings.web, listening))
        done, _ = await asyncio.wait([told, pages, *tasks], return_when=asyncio.FIRST_COMPLETED)
        site.stopping.set()
        asking.give_up()
        server.should_exit = True
        await pages
        for task in done:
            task.result()
    finally:
        for task in (*tasks, told):
            task.cancel()
        # Each is waited for, whatever ended the others: a connection must not outlive the loop.
        await asyncio.gather(*tasks, told, return_exceptions=True)
        for name in _LOGS:
            logging.getLogger(name).removeFilter(sparing)
        listening.close()
        asking.close()
        reader.close()
        accounts.close()


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


async def _refresh(reader: LedgerReader, board: Board) -> None:
    while True:
        before = reader.facts, reader.why_away
        await reader.refresh()
        if (reader.facts, reader.why_away) != before:
            board.hear()
        await asyncio.sleep(_REFRESH_S)


async def _watch_gateway(settings: Settings, board: Board) -> None:
    """Ask the gateway of this machine whether it is alive: the broker misses a frozen one much later."""
    while True:
        try:
            await asyncio.to_thread(ping, settings, _PING_S)
            frozen = None
        except Unanswered:
            frozen = settings.gateway.id
        except OSError:  # too many connections are open: it cannot be asked now
            frozen = board.frozen
        if frozen != board.frozen:
            board.frozen = frozen
            board.hear()
        await asyncio.sleep(_REFRESH_S)


class _Server(uvicorn.Server):
    """The server of pages; signals are the program's own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def _config(section: WebSection, site: Site) -> uvicorn.Config:
    """Return the server's configuration; UsageError if the certificate or its key cannot be read."""
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        site.app(), http=BoundedConnection, ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False,
        proxy_headers=bool(section.proxy), forwarded_allow_ips=list(section.proxy), timeout_graceful_shutdown=_GRACE_S,
        ssl_certfile=section.cert_file, ssl_keyfile=section.key_file)  # fmt: skip
    try:
        config.load()
    except OSError as error:
        files = f"web.cert_file {section.cert_file}, web.key_file {section.key_file}"
        raise UsageError(f"{files}: expected a certificate and its key, got {error.strerror or error}") from error
    return config


def _listen(section: WebSection) -> socket.socket:
    """Open the port; Unavailable if another program has it."""
    family = socket.AF_INET6 if ":" in section.host else socket.AF_INET
    try:
        listening = socket.create_server((section.host, section.port), family=family, backlog=512)
    except OSError as error:
        raise Unavailable(f"{section.host}:{section.port} cannot be opened: {error.strerror or error}") from error
    # The system keeps megabytes otherwise, and takes more once a third of them has been read.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MOST_UNSENT)
    return listening


def _address(section: WebSection, listening: socket.socket) -> str:
    scheme = "https" if section.cert_file is not None else "http"
    host = f"[{section.host}]" if ":" in section.host else section.host
    return f"{scheme}://{host}:{listening.getsockname()[1]}"
