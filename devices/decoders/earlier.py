"""The native format as it was while names in it were ASCII: journals of that time are folded as they were.

Names alone had another form; the rest is read as `native` reads it.
"""

from functools import partial
from typing import Annotated, Any, Required

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from devices.decoders import native
from devices.messages import MAX_TOTAL

_Words = Annotated[str, Field(pattern=r"^[ -~]{1,64}$")]
_Segment = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]


def _with(telegram: Any, **fields: Any) -> Any:  # noqa: ANN401 - forms of telegrams
    """Return a form of telegram with some other fields, in the same order: the first fault is the one that is told."""
    make: Any = TypedDict
    then = make(telegram.__name__, {**telegram.__annotations__, **fields}, total=telegram.__total__)
    return with_config(ConfigDict(strict=True))(then)


_used: Any = _with(native.UsedTelegram, material=Required[_Words], unit=_Words, location=_Segment, batch=_Words)
_worked: Any = _with(native.WorkedTelegram, work_center=_Words, activity=_Words)
_scan: Any = _with(
    native.ScanTelegram,
    operator=_Segment,
    components=Annotated[list[_used], Field(max_length=native.MOST)],
    activities=Annotated[list[_worked], Field(max_length=native.MOST)],
    **dict.fromkeys(("sales_order", "sales_order_item", "lot", "order"), _Words),
)
_count: Any = _with(
    native.CountTelegram,
    scrap_by=Annotated[dict[_Segment, Annotated[int, Field(ge=0, le=MAX_TOTAL)]], Field(max_length=200)],
    unit=_Words,
    batch=_Words,
)
decode_count = partial(native.decode_count, read=native.reader_of(_count))
decode_scan = partial(native.decode_scan, read=native.reader_of(_scan))
