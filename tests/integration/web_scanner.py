"""A browser that is a scanner, at its page or far from it, and the labels that it reads."""

import http.client
import json
import re
from typing import Any

import zxingcpp
from playwright.sync_api import Page

from tests.integration.browser import Window, wait_for
from tests.integration.keyboard import type_keys
from tests.integration.web_process import WebProcess


class Scanner:
    """A browser that is a scanner, and its page."""

    def __init__(self, shown: Window, web: WebProcess) -> None:
        self.page: Page = shown.context.new_page()
        self.keys = shown.context.new_cdp_session(self.page)
        self._web = web
        said = self.pair()
        self.device, self.path = said["device"], said["path"]

    def pair(self, *words: str) -> Any:
        """Enter the code that its browser shows on the command line, and wait until its page is there."""
        self.page.goto(f"{self._web.url}/pair")
        code = self.page.locator(".code").inner_text().replace(" ", "")
        done = self._web.command("scanner", "add", code, "--plant", "1000", "--json", *words)
        assert done.status == 0, done.err
        said = done.json
        self.page.goto(f"{self._web.url}/pair")
        assert self.page.url == self._web.url + said["path"]
        return said

    def scan(self, *texts: str) -> None:
        """Scan codes, as fast as the scanner types."""
        for text in texts:
            type_keys(self.keys, f"{text}\n")

    def choose(self, button: str, words: str) -> None:
        """Press a button of the page, and choose from its list."""
        self.page.click(button)
        self.page.locator("#ask button", has_text=words).click()

    def says(self, text: str, led: str = "") -> None:
        """Wait until the screen says a text, in a colour."""
        answer = self.page.locator("#answer")
        wait_for(
            lambda: text in answer.inner_text() and led in ("", answer.get_attribute("data-led")),
            answer.inner_text, self.page,
        )  # fmt: skip

    def is_linked(self, text: str) -> None:
        """Wait until the header says how it is connected."""
        link = self.page.locator("#link")
        wait_for(lambda: text in link.inner_text(), link.inner_text, self.page)

    def post(self, scan: dict[str, Any]) -> Any:
        """Send a scan from the page, and return the status and the answer."""
        return self.page.evaluate(
            """async (scan) => {
              const headers = { "content-type": "application/json" };
              const answer = await fetch("/api/v1/scans", { method: "POST", body: JSON.stringify(scan), headers });
              return [answer.status, await answer.json()];
            }""",
            scan,
        )


class Phone:
    """A browser elsewhere, as its requests."""

    def __init__(self, web: WebProcess) -> None:
        self._web = web
        self._cookie = ""
        self.code = re.search(r"scanner add (\d{6})", self.ask("GET", "/pair")[1])[1]  # type: ignore[index]

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        """Send a request, and return the status, and the body or the address that it leads to."""
        connection = http.client.HTTPConnection("127.0.0.1", self._web.port, timeout=60)
        headers = {"cookie": self._cookie, "content-type": "application/json", "sec-fetch-site": "same-origin"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.getheader("location") or answer.read().decode()
        self._cookie = (answer.getheader("set-cookie") or self._cookie).partition(";")[0]
        connection.close()
        return answer.status, text

    def scan(self, device: str, ref: str) -> tuple[int, str]:
        """Report a card that asks for the present choices."""
        scan = {"id": ref, "plant": "1000", "device": device, "data": "BF:INFO"}
        return self.ask("POST", "/api/v1/scans", json.dumps(scan))


def picture(label: str) -> bytes:
    """Return a film of a GS1 DataMatrix (YUV4MPEG2)."""
    symbol = zxingcpp.create_barcode(label, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)
    code: Any = zxingcpp.write_barcode_to_image(symbol, scale=10)
    pixels, (height, width), (high, wide) = memoryview(code).tobytes(), code.shape, (480, 640)
    picture = bytearray(b"\xeb" * (high * wide))
    for row in range(height):
        at = (row + (high - height) // 2) * wide + (wide - width) // 2
        picture[at : at + width] = pixels[row * width : (row + 1) * width]
    return b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\nFRAME\n" + picture + b"\x80" * (high * wide // 2)


def box(serial: str) -> str:
    """Return the label of a box of twelve pumps."""
    return f"]C1010200000000101221{serial}"
