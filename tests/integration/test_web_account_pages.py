"""The pages of accounts in a real browser: people change passwords, administrators add users, and the pages fit."""

from pathlib import Path

from tests.integration.browser import window
from tests.integration.gateway_process import GatewayProcess
from tests.integration.test_board_look import SIZES, look
from tests.integration.web_process import PASSWORD, WebProcess
from tests.servers import Mosquitto

NEW = "another battery horse"


def test_people_and_administrators_change_accounts(mosquitto: Mosquitto, tmp_path: Path) -> None:
    with GatewayProcess(mosquitto.url) as gateway, WebProcess(gateway.config) as web:
        web.add_user().start()
        with window() as shown:
            page = shown.sign_in(web, "/admin/users")
            page.fill("#name", "olga")
            page.fill("#new", PASSWORD)
            page.fill("#password", PASSWORD)
            page.click("main button")
            page.locator("main table", has_text="olga").wait_for()
            page.goto(f"{web.url}/admin/tokens")
            page.fill("#name", "andon")
            page.check("[name=scope_read]")
            page.fill("#password", PASSWORD)
            page.click("section button")
            assert page.locator(".secret code").inner_text().startswith("bf_")
            findings: dict[str, list[str]] = {}
            for path in ("/account", "/admin/users", "/admin/users/olga", "/admin/tokens", "/admin/displays",
                         "/admin/scanners", "/admin/trail"):  # fmt: skip
                for (size, (width, height)), scheme in zip(SIZES.items(), ("light", "dark", "light"), strict=True):
                    page.set_viewport_size({"width": width, "height": height})
                    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
                    page.goto(f"{web.url}{path}?lang={'de' if size == 'phone' else 'en'}")
                    name = f"{path.strip('/').replace('/', '-')}-{size}"
                    findings[name] = look(page, tmp_path, name)
            assert {name: found for name, found in findings.items() if found} == {}
            page.goto(f"{web.url}/account")
            for field, value in (("#new", NEW), ("#again", NEW), ("#password", PASSWORD)):
                page.fill(field, value)
            page.click("main form .field button")
            assert page.locator("h1").inner_text() == "The password is changed"
            page.goto(f"{web.url}/account")
            assert "this browser" in page.locator("main table").inner_text()
            shown.check()
