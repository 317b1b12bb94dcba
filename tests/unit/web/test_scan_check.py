"""The check of scanners: its test code tells keyboards apart, and its page is the same for everybody."""

import re
from base64 import b64decode
from pathlib import Path

from devices.agents.inputs.layouts import KEYS, LAYOUTS
from gateway.service.labels.cards import TEST_TEXT
from gateway.web.scan_check import rows_of
from tests.asgi import ask
from tests.unit.service.test_labels import codes_of_svg
from tests.unit.web.house import House

WEDGE = Path(__file__).parents[3] / "gateway" / "web" / "static" / "scan-wedge.js"


def keys_of(layout: str) -> list[tuple[int, int]]:
    """Return the level and place of the key of each character of the test code."""
    rows = rows_of(LAYOUTS[layout])
    return [next((level, row.index(letter)) for level, row in enumerate(rows) if letter in row)
            for letter in TEST_TEXT if letter != "\x1d"]  # fmt: skip


def test_each_keyboard_types_the_test_code_by_other_keys() -> None:
    typed = {name: tuple(keys_of(name)) for name in LAYOUTS}
    assert len(set(typed.values())) == len(LAYOUTS) == 8
    assert not any(set(layout.dead) & set(TEST_TEXT) for layout in LAYOUTS.values()), "an accent waits for a letter"


def test_pages_and_agents_have_one_us_keyboard() -> None:
    said = WEDGE.read_text()
    codes = "".join(
        re.findall(r'"([A-Za-z0-9 ]+)"', said[said.index("const CODES") : said.index("const PLAIN")])
    ).split()
    assert len(codes) == len(KEYS)
    for name, row in zip(("PLAIN", "SHIFTED"), rows_of(LAYOUTS["us"]), strict=False):
        found = re.search(rf'const {name} = "(.+)";', said)
        assert found is not None
        assert found[1].encode().decode("unicode_escape") == row
    for code, letter in (("Backslash", "\\"), ("IntlBackslash", "<"), ("Quote", "'"), ("KeyZ", "z"), ("Digit0", "0")):
        assert rows_of(LAYOUTS["us"])[0][codes.index(code)] == letter


async def test_the_page_holds_nothing_of_its_visitor_and_both_codes(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        page = (await ask(house.app, "/scan/check", accept_language="de")).body
        signed_in = (await ask(house.app, "/scan/check", accept_language="de", cookie=house.session("admin"))).body
    assert page == signed_in
    pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    codes = [codes_of_svg(b64decode(picture).decode()) for picture in pictures]
    assert codes == [[TEST_TEXT], [TEST_TEXT]]
