"""A site of its own for tests."""

import time
from pathlib import Path
from typing import Self

from starlette.types import ASGIApp

from gateway.service.floor.floor import Floor
from gateway.settings import Settings
from gateway.web.accounts import Limits, WebAccounts, digest_of
from gateway.web.asking import Asking
from gateway.web.board import Board
from gateway.web.ledger_reader import LedgerReader
from gateway.web.monitor import Monitor
from gateway.web.passwords import hash_password
from gateway.web.site import Site
from tests.asgi import Answer, ask

PASSWORD = "correct horse battery"


class House:
    """A site of its own, without a broker or a ledger; they are away."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.model_validate({"gateway": {"data_dir": folder}})
        self.accounts = WebAccounts(self.settings.accounts_path, is_of_pages=True)
        self.reader = LedgerReader(self.settings)
        floor = Floor("bf/v1", "", "", time.monotonic, time.time)
        self.board = Board(floor, self.reader, self.settings.board)
        monitor = Monitor(self.settings, floor, self.board.hear)
        self.asking = Asking(self.settings, floor, self.reader, monitor)
        self.site = Site(self.settings, self.accounts, self.board, self.reader, self.asking)
        self.app: ASGIApp = self.site.app()
        self.hash = hash_password(PASSWORD)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.asking.close()
        self.reader.close()
        self.accounts.close()

    def session(self, role: str, lines: str = "*") -> str:
        """Add a user and return the cookie of a session."""
        name = f"{role}-{time.monotonic_ns()}"
        self.accounts.add_user(name, role, lines.split(), self.hash, time.time())  # type: ignore[arg-type]
        return f"bf={self.accounts.begin_session(name, time.time(), self.hash)}"

    def csrf_of(self, cookie: str) -> str:
        """Return the text that a form of a session brings along."""
        visitor = self.accounts.find_session(digest_of(cookie.partition("=")[2]), time.time(), Limits(3_600, 3_600))
        assert visitor is not None
        return visitor.csrf

    async def sign_in(self, name: str = "anna", password: str = PASSWORD, **said: str) -> Answer:
        """Send the form of the sign-in, as a browser does."""
        body = f"name={name}&password={password}&next=%2Fline%2F1000%2FL01"
        return await ask(self.app, "/login", "POST", body=body, **{"sec_fetch_site": "same-origin", **said})
