"""The answer to a scan, as types: `payloads` has the other messages."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from gateway.backflush.memory.records import Result

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Quantity = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]{1,6})?$")]
DocumentNumber = Annotated[str, Field(pattern=r"^[0-9]{10,}$")]


class Signal(TypedDict):
    """The light and sound of a handheld."""

    led: Literal["green", "yellow", "red", "blue", "purple"]
    beep: int


class ScannerContext(TypedDict, total=False):
    """The settings of a scanner."""

    plant: str
    line: str
    point: str
    operator: str
    quantity: Quantity
    """For the next label, as are `kind` and `reason`."""
    kind: Literal["scrap", "lost", "rework", "start"]
    reason: str
    material: str
    """The run of the line, as are `version` and `batch`."""
    version: str
    batch: str


class ScanEffect(TypedDict, total=False):
    """The effect of a scan."""

    document: DocumentNumber
    """The newest document of the scan."""
    quantity: Quantity
    point: str
    """The reporting point; `final` is the receipt."""
    posted: Quantity
    """Given with `waiting`."""
    waiting: Quantity
    """Units that wait for an earlier reporting point."""
    material: str
    description: str
    version: str
    batch: str
    serial: str
    """The serial number or SSCC of the label."""
    line: str
    unit: str
    """The base unit of all quantities."""
    kind: Literal["yield", "scrap", "lost", "rework", "component", "activity", "component_scrap", "by_product", "undo"]
    shift_total: Quantity
    """Good pieces of this unit that the line has made at this point in the shift of the posting."""
    reason: str
    """Of a refusal: the sentence for the person who mends the cause."""
    context: ScannerContext


class ScanFeedback(TypedDict):
    """The result of a scan."""

    ref: str
    """The scan's `id`; empty if it had none."""
    ts: Time
    """When the scan was received."""
    result: Result
    code: str
    """A reason code; stable, unlike the texts."""
    title: str
    text: str
    data: ScanEffect
    signal: Signal
