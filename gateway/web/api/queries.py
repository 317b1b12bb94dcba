"""The parameters of each operation, as types: by them they are judged and described.

A parameter that is not among them is refused. A filter by a name that nothing has finds nothing. A parameter that is
not given is empty; one that is given empty has to be a text of its kind as well.
"""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gateway.backflush.values.documents import DocumentType
from gateway.backflush.values.names import LONGEST

MOST: Final = 500
"""Records of a page."""
SEGMENT: Final = f"[A-Za-z0-9.-][A-Za-z0-9_.-]{{0,{LONGEST - 1}}}"
Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
"""Any text but NUL, which no database can look for."""
Plant = Annotated[str, Field(pattern=f"^{SEGMENT}$", examples=["1000"])]
Place = Annotated[str, Field(pattern=f"^{SEGMENT}(/{SEGMENT})?$", examples=["1000/L04"])]
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-11"])]


def _day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError(f"expected a day such as 2026-11-22, got {text!r}")
    return text


def _code(text: str) -> str:
    return text.upper()


Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra={"format": "date"})]
Moment = Annotated[str, Field(json_schema_extra={"anyOf": [{"format": "date"}, {"format": "date-time"}]})]
"""A day or a time, which the zone of the plant is needed to read."""
Code = Annotated[str, Field(pattern=r"^[Bb][Ff][0-9]{4}$", examples=["BF3014"]), AfterValidator(_code)]


class Parameters(BaseModel):
    """No parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def schemas(cls) -> dict[str, Any]:
        """Return the schema of each parameter."""
        return {
            name: {key: value for key, value in schema.items() if key != "title" and (key, value) != ("default", "")}
            for name, schema in cls.model_json_schema().get("properties", {}).items()
        }


class ListQuery(Parameters):
    """The page of a list."""

    limit: int = Field(50, ge=1, le=MOST, description="At most this many records.")
    after: str = Field("", max_length=4_000, description="`next` of the page before; the filter must be the same.")


class PlaceQuery(ListQuery):
    """A list of lines."""

    line: Place = Field("", description="Only this line, or all lines of a plant.")


class PlaceMaterialQuery(PlaceQuery):
    """A list of lines and materials."""

    material: Name = ""


class DocumentsQuery(PlaceMaterialQuery):
    """The filters of documents."""

    since: Moment = Field("", description="Entered at this time or day, or later.")
    until: Moment = Field("", description="Entered up to this time, or on this day at the latest.")
    type: DocumentType | Literal[""] = ""
    batch: Name = ""
    actor: Name = ""
    device: Name = ""
    order: Name = ""
    serial: Name = Field("", description="A serial number or SSCC.")
    open: Literal["", "issue", "activity"] = Field("", description="With rows in the worklist of it.")


class CorrectionsQuery(PlaceQuery):
    """The filters of corrections."""

    since: Moment = ""
    until: Moment = ""
    actor: Name = ""


class QuarantineQuery(PlaceQuery):
    """The filters of quarantine entries."""

    state: Literal["open", "healed", "repeated", "replayed", "dismissed", "all"] = "open"
    device: Name = ""
    code: Code = ""
    kind: Literal["", "unbooked", "untrusted"] = ""
    since: Moment = ""


class OrdersQuery(PlaceMaterialQuery):
    """The filters of planned orders."""

    order: Name = ""
    open: bool = Field(default=False, description="Only orders with an open quantity.")


class StockQuery(ListQuery):
    """The filters of stock."""

    plant: Plant = ""
    material: Name = ""


class PointsQuery(StockQuery):
    """The filters of reporting points."""

    period: Month = Field("", description="As of the end of this period, by posting date.")


class CollectorsQuery(ListQuery):
    """The filters of cost objects."""

    plant: Plant = ""
    period: Month = ""


class PeriodsQuery(ListQuery):
    """The filters of periods."""

    plant: Plant = ""


class DaysQuery(PlaceQuery):
    """A list of production dates."""

    since: Day = ""
    until: Day = ""


class ProductionQuery(DaysQuery):
    """The filters of production."""

    by: Literal["shift", "day", "total"] = "shift"


class CurveQuery(ListQuery):
    """The day of a curve."""

    date: Day = Field("", description="The production date; by default today's.")


class DevicesQuery(PlaceQuery):
    """The filters of devices."""

    device: Name = ""
