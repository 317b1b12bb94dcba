"""A corrector reverses with a preview, in a real browser without JavaScript; each form fits every screen."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL
from tests.integration.browser import window
from tests.integration.web_process import WebProcess

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = 390, 768, 1920
FORMS = (
    "/post", "/runs/start", "/worklist/hold?line=1000/L1", "/backlog/correct?record=0000000001/1",
    "/quarantine/dismiss?device=new-7&code=BF2001", "/quarantine", "/shortages", "/backlog", "/worklist", "/entries",
    "/orders", "/orders/add", "/orders/change?order=P-1", "/orders/close?order=P-1",
)  # fmt: skip
SHORT = SMALL | {"storage_locations": SMALL["storage_locations"].replace("RM       yes", "RM       no")}


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Offer a plant with two documents, something missing and something held."""
    orders = "order plant material start quantity\nP-1 1000 P 2026-01-02 1200"
    with Rig(SHORT, more={"planned_orders": orders}) as rig:
        rig.start()
        rig.count("c1", 4)
        rig.count("c1", 9)
        rig.say("bf/v1/1000/L1/new-7/count", "5")
        rig.settle()
        yield rig


@pytest.fixture(scope="module")
def web(rig: Rig) -> Iterator[WebProcess]:
    """Offer the web process beside it."""
    with WebProcess(rig.gateway.config) as process:
        yield process.add_user("carl", "corrector").add_user("anna", "admin").start()


def test_a_corrector_reverses_with_a_preview_without_javascript(rig: Rig, web: WebProcess) -> None:
    first, second = sorted(rig.documents(), key=lambda paper: str(paper["document"]))
    with window(java_script_enabled=False) as shown:
        page = shown.sign_in(web, f"/documents/{second['document']}", "carl")
        page.get_by_role("link", name="Reverse").click()
        page.fill("#field-quantity", "2")
        page.fill("#field-reason", "two were bent")
        page.get_by_role("button", name="Preview").click()
        assert "Nothing is posted yet" in page.locator("main").inner_text()
        assert "132" in page.locator("main").inner_text(), "the receipt is mirrored"
        assert len(rig.documents()) == 2
        preview = page.url
        page.get_by_role("button", name="Reverse").dblclick()
        page.get_by_text("are reversed by").wait_for()
        [reversal] = [paper for paper in rig.documents() if paper["type"] == "reversal"]
        assert (reversal["reverses"], reversal["actor"]) == (second["document"], "web:carl")
        assert reversal["reason"] == "two were bent"
        page.get_by_role("link", name=reversal["document"]).first.click()
        assert reversal["document"] in page.locator("h1").inner_text()
        page.goto(preview)
        page.get_by_role("button", name="Reverse").click()
        page.get_by_text("are reversed by").wait_for()
        assert len(rig.documents()) == 3, "a form that is sent again posts nothing more"
        page.goto(f"{web.url}/documents/{first['document']}/reverse")
        page.fill("#field-quantity", "999")
        page.fill("#field-reason", "too much")
        page.get_by_role("button", name="Preview").click()
        assert "BF5006" in page.get_by_role("alert").inner_text()
        assert page.input_value("#field-quantity") == "999"
        shown.check("422")
    rig.audit()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forms_fit_every_screen_and_can_be_used_by_all(web: WebProcess, scheme: str) -> None:
    with window(color_scheme=scheme) as shown:
        page = shown.sign_in(web, "/post", "anna")
        for path in FORMS:
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(web.url + path)
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{path} at {width}"
            found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
            assert found.response["violations"] == [], f"{path} {scheme}"
        shown.check()
