"""An invitation: a link that lets one person in, once, and whose secret no address of a request has."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.web import invitation
from gateway.web.invitation import Invitation
from gateway.web.site import Site
from tests.asgi import Answer, ask
from tests.unit.web.house import House


class Inviting(House):
    """A site with an invitation."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.accounts.add_user("demo", "admin", ["*"], "", time.time())
        self.invitation = Invitation("demo")
        self.site.invite(self.invitation)
        self.app = self.site.app()

    async def enter(self, code: str, **said: str) -> Answer:
        """Send the form of the page, as a browser does."""
        said = {"sec_fetch_site": "same-origin", **said}
        return await ask(self.app, "/enter", "POST", body=f"code={code}", **said)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Inviting]:
    """Offer such a site."""
    made = Inviting(tmp_path)
    yield made
    made.asking.close()
    made.reader.close()
    made.accounts.close()


async def test_it_lets_a_person_in_once(house: Inviting) -> None:
    path, code = house.invitation.path.split("#")
    assert (await ask(house.app, path)).status == 200, "to look at the page uses nothing up"
    assert (await house.enter("another")).status == 403
    answer = await house.enter(code)
    assert (answer.status, answer.headers["location"]) == (303, "/board")
    assert code not in str(answer.headers)
    assert (await ask(house.app, "/board", cookie=answer.headers["set-cookie"].split(";")[0])).status == 200
    again = await house.enter(code)
    assert (again.status, "set-cookie" in again.headers) == (403, False)
    assert [(actor, what) for _, _, actor, what, _, _ in house.accounts.trail()] == [
        ("", "login failed"), ("demo", "login"), ("", "login failed"),
    ]  # fmt: skip


def test_it_is_too_old_after_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitation, "_GOOD_S", -1.0)
    old = Invitation("demo")
    assert not old.is_open
    assert not old.accept(old.path.split("#")[1])


async def test_another_site_cannot_use_it(house: Inviting) -> None:
    assert (await house.enter(house.invitation.path.split("#")[1], sec_fetch_site="cross-site")).status == 403
    assert house.invitation.is_open


async def test_without_one_there_is_no_such_page(house: Inviting) -> None:
    site = Site(house.settings, house.accounts, house.board, house.reader, house.asking)
    assert (await ask(site.app(), "/enter")).status == 404


async def test_no_password_fits_its_user(house: Inviting) -> None:
    for password in ("", "x" * 12):
        assert (await house.sign_in("demo", password)).status == 403
