"""Assets: styles, scripts, the icon and files of others, served under an address with the hash of their content.

An address never changes its content, so a browser keeps it for good; with a new version there are new addresses.
"""

import gzip
import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".png": "image/png", ".svg": "image/svg+xml",
                 ".wasm": "application/wasm"}  # fmt: skip
_DIGITS: Final = 12


class Asset:
    """A file that pages load."""

    def __init__(self, path: Path) -> None:
        self.body = path.read_bytes()
        self.address = f"/static/{hashlib.sha256(self.body).hexdigest()[:_DIGITS]}/{path.name}"
        self.kind = _TYPES[path.suffix]

    @cached_property
    def packed(self) -> bytes:
        """The file by gzip; the largest takes a while, and few browsers ask for it."""
        return gzip.compress(self.body, 9, mtime=0)


class Assets:
    """All assets, by name."""

    def __init__(self) -> None:
        self._of_name = {path.name: Asset(path) for path in sorted(_FOLDER.rglob("*")) if path.suffix in _TYPES}
        self._at = {asset.address: asset for asset in self._of_name.values()}
        whole = hashlib.sha256("".join(self._at).encode())
        self.digest = whole.hexdigest()[:_DIGITS]
        """Changes with any of them."""

    def address(self, name: str) -> str:
        """Return the address of a file."""
        return self._of_name[name].address

    def script(self, name: str, **constants: object) -> Response:
        """Answer with a script under an address of its own, and its constants before it."""
        head = "".join(f"const {key.upper()} = {json.dumps(value)};\n" for key, value in constants.items())
        return Response(head.encode() + self._of_name[name].body, media_type="text/javascript")

    async def answer(self, request: Request) -> Response:
        """Answer a request for a file."""
        asset = self._at.get(request.url.path)
        if asset is None:
            return Response("there is no such file: the page is of another version, load it again", 404)
        is_packed = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
        if is_packed:
            headers["content-encoding"] = "gzip"
        return Response(asset.packed if is_packed else asset.body, media_type=asset.kind, headers=headers)
