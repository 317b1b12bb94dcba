"""The board beside the demo: the pages of `backflush web` for as long as it runs, where their packages are installed.

What keeps the pages from being shown is told, and ends no demo.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gateway.settings import Settings

Describe = Callable[[], dict[str, str]]
_USER: Final = "demo"


@asynccontextmanager
async def show_board(settings: "Settings", tell_about: Callable[[Describe], None]) -> AsyncIterator[None]:
    """Serve the pages while the context lasts; `tell_about` gets a function that describes the way there, by name."""
    try:
        from gateway.web.accounts import WebAccounts
        from gateway.web.invitation import Invitation
        from gateway.web.server import serve
    except ModuleNotFoundError as error:
        missing = {"board": f"none without {error.name}: pip install --require-hashes -r requirements/web.txt"}
        tell_about(lambda: missing)
        yield
        return
    with closing(WebAccounts(settings.accounts_path)) as accounts:
        if _USER not in {user.name for user in accounts.users()}:
            # No password fits it: an invitation is the only way in.
            accounts.add_user(_USER, "admin", ["*"], "", time.time())
    own: dict[str, Any] = {"host": "127.0.0.1", "public_url": "", "cert_file": None, "key_file": None, "proxy": []}
    stop, invitation = asyncio.Event(), Invitation(_USER)

    def tell_address(address: str) -> None:
        def describe() -> dict[str, str]:
            link = {"sign in": f"{address}{invitation.path}  (once, as admin)"} if invitation.is_open else {}
            return {"board": f"{address}/board", **link}

        tell_about(describe)

    def tell_end(ended: "asyncio.Task[None]") -> None:
        if not ended.cancelled() and (error := ended.exception()) is not None:
            failed = {"board": f"cannot be shown: {error}"}
            tell_about(lambda: failed)

    web = settings.model_copy(update={"web": settings.web.model_copy(update=own)})
    pages = asyncio.create_task(serve(web, stop, tell_address, invitation, listen(settings.web.port)))
    pages.add_done_callback(tell_end)
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([pages])


def listen(wanted: int) -> socket.socket:
    """Open the port of the settings, or any free one if another program, such as a second demo, has it."""
    with suppress(OSError):
        return socket.create_server(("127.0.0.1", wanted))
    return socket.create_server(("127.0.0.1", 0))
