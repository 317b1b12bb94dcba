"""The upload form: the fields and the one file of a multipart body, read up to a size; the rest is read and dropped.

A browser shows no answer before it has sent all, so a body that is too long is not cut off.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import Final, NamedTuple

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from gateway.masterdata.files.sheets import MAX_BYTES

FORM: Final = "multipart/form-data"
_BESIDE: Final = 64 << 10
"""Bytes of a body beside its file."""
_MOST_FIELDS: Final = 8


class UploadForm(NamedTuple):
    """A form with a file."""

    fields: Mapping[str, str]
    name: str = ""
    """That of the file; empty: none was chosen, or the body is no such form."""
    content: bytes = b""
    is_too_long: bool = False
    why: str = ""
    """Why it could not be kept while it was read, if it was not the sender's fault."""


async def read_upload(request: Request) -> UploadForm:
    """Read a form with a file; hostile ones have no file, and perhaps no fields."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return UploadForm({})
    left = MAX_BYTES + _BESIDE

    async def read_parts() -> AsyncGenerator[bytes, None]:
        nonlocal left
        async for part in request.stream():
            left -= len(part)
            if left >= 0:
                yield part

    parser = MultiPartParser(request.headers, read_parts(), max_files=1, max_fields=_MOST_FIELDS)
    is_whole, why = True, ""
    try:
        await parser.parse()
    except OSError as error:  # a longer part is kept in the folder for temporary files
        is_whole, why = False, f"the file cannot be kept for its check: {error.strerror}"
    except (MultiPartException, ClientDisconnect, ValueError):  # a codec that is named there may raise the last one
        is_whole = False
    fields = {name: value for name, value in parser.items if isinstance(value, str)}
    name, content = "", b""
    for field, file in parser.items:
        if isinstance(file, UploadFile):
            if field == "file" and is_whole and left >= 0:
                name, content = file.filename or "", await file.read()
            await file.close()
    return UploadForm(fields, name, content, left < 0, why)


async def read_upload_fields(request: Request) -> Mapping[str, str]:
    """Read the fields of such a form; its file is kept with the request."""
    request.state.upload = await read_upload(request)
    fields: Mapping[str, str] = request.state.upload.fields
    return fields
