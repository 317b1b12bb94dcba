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
SHORT = SMALL | {
    "storage_locations": SMALL["storage_locations"].replace("RM       yes", "RM       no"),
    "materials": SMALL["materials"] + "\n1000 B PC 0 1 RM RM -",
    "bom_items": SMALL["bom_items"] + "\n1000 P 1 0020 B 1",
    "opening_stock": "plant material location quantity\n1000 B RM 100",
}


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
        page.get_by_role("link", name="Reverse", exact=True).click()
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


def test_a_posting_is_corrected_in_its_preview_and_a_component_comes_back(rig: Rig, web: WebProcess) -> None:
    before = rig.documents()
    with window(java_script_enabled=False) as shown:
        page = shown.sign_in(web, "/post?line=L1", "carl")
        assert page.input_value("#field-line") == "1000/L1", "its name alone is clear"
        assert page.locator("#field-material option").evaluate_all("all => all.map(each => each.value)") == ["", "P"]
        page.fill("#field-quantity", "4")
        page.get_by_role("button", name="Preview").click()
        fields = page.locator(".more .fields input[name^='use:']")
        assert fields.evaluate_all("all => all.map(each => each.name)") == ["use:A", "use:B"]
        used = page.get_by_label("B", exact=True)
        assert used.get_attribute("placeholder") == "4", "one for each of four"
        used.fill("3")
        page.get_by_role("button", name="Preview with these quantities").click()
        assert "\u22123" in page.locator("main table").first.inner_text()
        page.get_by_role("button", name="Post", exact=True).click()
        page.get_by_text("Done").wait_for()
        [paper] = [each for each in rig.documents() if each not in before]
        assert (paper["yield"], [i["quantity"] for i in paper["items"] if i["material"] == "B"]) == ("4", ["-3"])
        assert page.get_by_role("link", name="Post another on this line").get_attribute("href") == "/post?line=1000/L1"
        page.goto(f"{web.url}/documents/{paper['document']}/reverse")
        page.get_by_text("Only components come back").click()
        page.get_by_label("B", exact=True).fill("2")
        page.fill("#field-reason", "two were left")
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Reverse", exact=True).click()
        page.get_by_text("what came back of document").wait_for()
        [back] = [each for each in rig.documents() if each["reverses"] == paper["document"]]
        assert [(item["material"], item["quantity"]) for item in back["items"]] == [("B", "2")]
    rig.audit()


def test_a_refused_form_comes_back_as_it_was_and_does_nothing_twice(rig: Rig, web: WebProcess) -> None:
    with window(java_script_enabled=False) as shown:
        page = shown.sign_in(web, "/runs/start?line=1000/L1&material=X", "carl")
        page.get_by_role("button", name="Start a run").click()
        assert "no material 'X'" in page.locator("#wrong-material").inner_text()
        assert page.input_value("#field-line") == "1000/L1"
        page.select_option("#field-material", "P")
        page.get_by_role("button", name="Start a run").click()
        page.get_by_text("Done").wait_for()
        runs = rig.json("report", "runs")
        page.goto(f"{web.url}/runs/start?line=1000/L1&material=P")
        page.get_by_role("button", name="Start a run").click()
        page.get_by_text("Done").wait_for()
        page.go_back()
        page.get_by_role("button", name="Start a run").click()
        page.get_by_text("Done").wait_for()
        assert len(rig.json("report", "runs")) == len(runs) + 1
        page.goto(f"{web.url}/post?line=1000/L1&quantity=1&at=2026-01-02T10:00&step=preview")
        page.select_option("#field-force", "yes")
        page.fill("#field-reason", "found late")
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Post", exact=True).click()
        page.get_by_text("Done").wait_for()
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
