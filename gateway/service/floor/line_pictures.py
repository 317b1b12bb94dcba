"""Line pictures: the status messages of lines and gateways, read from a broker on which any client may write.

Law: total for all bytes. A message that is no line status is ignored.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from devices.decoders.strict_json import read_object
from gateway.backflush.values.quantities import parse_quantity
from gateway.service.fold.forms import Text


def _figure(value: str) -> str:
    if parse_quantity(value) is None:
        raise ValueError("expected a decimal number")
    return value


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_Figure = Annotated[str, AfterValidator(_figure), BeforeValidator(_as_text)]


class _Told(BaseModel):
    model_config = ConfigDict(strict=True)


class _Run(_Told):
    """The run of a line."""

    material: Text = ""


class _Point(_Told):
    """The units at a reporting point."""

    point: Text
    yield_: _Figure = Field(alias="yield")
    wip: _Figure
    scrap: _Figure = "0"
    lost: _Figure = "0"
    waiting: _Figure = "0"


class _Stale(_Told):
    """A device that is missing."""

    device: Text


class _Hour(_Told):
    """The sums of a day at the end of an hour; null: it has not begun."""

    hour: Text
    until: Text
    planned: _Figure
    yield_: _Figure | None = Field(alias="yield")
    scrap: _Figure | None


class _Day(_Told):
    """A production day."""

    date: Text
    planned: _Figure
    planned_now: _Figure
    yield_: _Figure = Field(alias="yield")
    scrap: _Figure
    rework: _Figure
    shift: Text = ""
    shift_end: Text | None = None
    hours: list[_Hour] = Field(max_length=200)


class _Order(_Told):
    """The planned order in work."""

    order: Text
    material: Text
    open: _Figure


class _Picture(_Told):
    """A line on its status topic; each field may be missing, and there may be others."""

    gateway: Text = ""
    unit: Text = ""
    description: Text = ""
    takt_s: float | None = Field(None, ge=0, allow_inf_nan=False)
    state_since: Text | None = None
    last_count: Text | None = None
    rework: _Figure | None = None
    order: _Order | None = None
    day: _Day | None = None
    run: _Run | None = None
    counted: _Figure | None = None
    posted: _Figure | None = None
    open: _Figure | None = None
    scrap: _Figure | None = None
    rate_per_min: _Figure | None = None
    quarantined: _Figure | None = None
    backlog: _Figure | None = None
    worklist: _Figure | None = None
    last_document: Text | None = None
    stale_devices: list[_Stale | Text] = []
    points: list[_Point] = []
    ts: Text | None = None


def picture(payload: bytes) -> Mapping[str, Any] | None:
    """Return the line status in a message, with all its fields; None if it is none."""
    said = read_object(payload)
    try:
        _Picture.model_validate(said)
    except ValidationError:
        return None
    return said or None
