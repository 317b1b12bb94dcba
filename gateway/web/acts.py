"""Acts: what a visitor may have a gateway do, each described once; its form, its preview and its answer are made of it.

An act says nothing that the gateway judges: it names the fields of a request, and how a form says them.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import Connection

from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.quantities import parse_whole
from gateway.ledger.reports.present import sum_unknown
from gateway.sections import Verb
from gateway.web.asking import VisitorRequest
from gateway.web.pages import read_place
from gateway.web.rights import Scope, Visitor

Kind = Literal["text", "names", "yes", "force", "date", "hidden", "shown"]
Fill = Callable[[Connection, MasterData, Visitor, Mapping[str, str]], Mapping[str, str] | None]
USE: Final = "use:"
"""So begins the name of the field of a component."""
TIME: Final = "time:"
"""So begins that of a time, before its work center, a slash, and its activity."""
PROCESSES: Final = "issue", "activity"
_TYPES: Final = "assembly", "point", "scrap", "component", "activity", "component-scrap", "by-product"


class ActField(NamedTuple):
    """A field of a form, with the name that the request has for it."""

    name: str
    kind: Kind = "text"
    """`names`: several, with spaces between them; `force`: a refusal offers it; `hidden`: the form brings it along;
    `shown`: the ledger says it.
    """
    choices: tuple[str, ...] = ()
    is_required: bool = False
    is_given: bool = False
    """Whether the page before says it: it is shown then, and cannot be changed."""
    is_offered: bool = False
    """Whether the form offers what the master data have."""
    is_rare: bool = False
    """Whether it is folded away."""


class Act(NamedTuple):
    """A request to a gateway, as a form makes it."""

    path: str
    verb: Verb
    fields: tuple[ActField, ...]
    back: str
    """The page that shows what has become of it."""
    fixed: Mapping[str, Any] = {}
    """The request always says this."""
    has_preview: bool = False
    needs_reason: bool = True
    of: str = ""
    """The field that its path says."""
    scope: Scope | None = None
    """The right that it needs; None: that of its verb."""
    shape: Callable[[Mapping[str, str]], Mapping[str, Any]] | None = None
    """Makes the data of the request of its fields, if these are not the data as they stand."""
    takes_usage: bool = False
    """Whether it takes actual quantities of components and times, or components that come back."""
    is_task: bool = False
    """Whether the menu has it: its form needs no page before."""
    fill: Fill | None = None
    """Returns fields as the ledger has them when the form is opened; None: there is nothing that this visitor sees."""

    @property
    def key(self) -> str:
        """The end of the keys of its texts."""
        return "_".join(part for part in self.path.split("/") if part and not part.startswith("{"))


def _fill_adoption(connection: Connection, _: MasterData, visitor: Visitor, said: Mapping[str, str]) -> dict[str, str]:
    """Return place and kind of a device as they were seen."""
    seen = sum_unknown(connection, said.get("new", ""))
    if seen is None or not visitor.sees(seen["plant"], seen["line"]):
        return {}
    return {"line": "/".join(filter(None, (seen["plant"], seen["line"]))), "kind": seen["kind"]}


_LINE: Final = ActField("line", is_required=True, is_given=True)
_LINES: Final = (
    ActField("line", is_required=True, is_given=True, is_offered=True),
    ActField("lines", "names", is_given=True),
)
"""One line, or several that were ticked."""
_OF: Final = tuple(ActField(name, is_given=True) for name in ("line", "device", "code", "after"))
_NUMBERS: Final = ActField("numbers", "names", is_given=True)
_DAY: Final = ActField("date", "date")
_CLOSE_ANYWAY: Final = ActField("force", "yes")
_FORCE: Final = ActField("force", "force")
_OTHERS: Final = ActField("others", "names", is_rare=True)
_WHERE: Final = ActField("line", is_required=True, is_offered=True)
_PERIOD: Final = (
    ActField("plant", is_required=True, is_given=True),
    ActField("period", is_required=True, is_given=True),
)

ACTS: Final = (
    Act("/worklist/work", "work", (*_LINES, ActField("kind", choices=PROCESSES)), "/worklist", needs_reason=False),
    Act("/windows/close", "window-close", (_LINE,), "/windows", needs_reason=False),
    Act("/worklist/hold", "hold", (*_LINES, ActField("kind", choices=PROCESSES)), "/holds"),
    Act("/worklist/release", "release", (*_LINES, ActField("kind", choices=("all", *PROCESSES))), "/worklist"),
    Act("/backlog/retry", "backlog-retry",
        (ActField("line", is_given=True), ActField("material", is_given=True), _DAY), "/backlog",
        needs_reason=False),
    Act("/backlog/correct", "backlog-correct",
        (ActField("record", is_required=True, is_given=True), ActField("quantity"), ActField("location"),
         ActField("batch"), _DAY), "/shortages"),
    Act("/backlog/close", "backlog-close", (ActField("records", "names", is_required=True, is_given=True),),
        "/shortages"),
    Act("/quarantine/replay", "quarantine-replay", (*_OF, _NUMBERS), "/quarantine", needs_reason=False),
    Act("/quarantine/dismiss", "quarantine-dismiss", (*_OF, _NUMBERS), "/quarantine"),
    Act("/documents/{number}/reverse", "reverse",
        (ActField("document", is_required=True, is_given=True), ActField("quantity"),
         ActField("scrap", is_rare=True), ActField("scrap_reason", is_offered=True, is_rare=True), _OTHERS),
        "/documents", has_preview=True, of="document", takes_usage=True),
    Act("/reversals", "reverse",
        (_WHERE, *(ActField(name, is_required=True, is_offered=True) for name in ("material", "version")),
         ActField("quantity", is_required=True), ActField("point", is_offered=True)),
        "/documents", has_preview=True, is_task=True),
    Act("/post", "post",
        (_WHERE, ActField("type", choices=_TYPES), ActField("quantity", is_required=True),
         ActField("material", is_offered=True), ActField("version", is_offered=True),
         ActField("scrap_reason", is_offered=True), ActField("point", is_offered=True), ActField("at"),
         *(ActField(name, is_offered=name in ("order", "after"), is_rare=True) for name in (
             "after", "rework", "batch", "order", "sales_order", "sales_order_item", "lot", "revision")),
         _OTHERS, _FORCE), "/documents", has_preview=True, needs_reason=False, takes_usage=True, is_task=True),
    Act("/runs/start", "run-start",
        (_WHERE, ActField("material", is_required=True, is_offered=True), ActField("version", is_offered=True),
         ActField("start"), *(ActField(name, is_rare=True) for name in (
             "batch", "sales_order", "sales_order_item", "revision")),
         ActField("totals", "names", is_rare=True), _FORCE), "/runs", needs_reason=False),
    Act("/runs/stop", "run-stop", (_LINE, ActField("end"), _FORCE), "/runs", needs_reason=False),
    Act("/periods/close", "period", (*_PERIOD, _CLOSE_ANYWAY), "/periods", {"closed": True}),
    Act("/devices/{device}/adopt", "devices",
        (ActField("new", is_required=True, is_given=True), ActField("line", is_required=True), ActField("like"),
         ActField("point"), ActField("kind", choices=("", "counter", "scanner")),
         ActField("role", choices=("", "good", "gross", "scrap"))),
        "/devices", {"op": "adopt"}, of="new", fill=_fill_adoption),
    Act("/devices/{device}/replace", "devices",
        (ActField("old", is_required=True, is_given=True), ActField("new", is_required=True),
         ActField("first", choices=("baseline", "zero"))), "/devices", {"op": "replace"}, of="old"),
    Act("/devices/{device}/disable", "devices", (ActField("old", is_required=True, is_given=True),), "/devices",
        {"op": "disable"}, of="old"),
    Act("/devices/{device}/enable", "devices", (ActField("old", is_required=True, is_given=True),), "/devices",
        {"op": "enable"}, of="old"),
    Act("/periods/open", "period", _PERIOD, "/periods", {"closed": False}),
)  # fmt: skip


def wish_of(act: Act, said: Mapping[str, str]) -> VisitorRequest:
    """Return the request that a form says."""
    if act.shape is not None:
        return VisitorRequest(act.verb, said.get("transaction", ""), "", "", said.get("reason", ""), act.shape(said))
    data: dict[str, Any] = dict(act.fixed)
    for field in act.fields:
        text = said.get(field.name, "").strip()
        if text and field.name not in ("line", "lines", "plant"):
            is_yes = field.kind in ("yes", "force")
            data[field.name] = text.split() if field.kind == "names" else True if is_yes else text
    if "totals" in data:
        data["totals"] = dict(map(_total, data["totals"]))
    if act.takes_usage:
        data |= _usage(said, data.pop("others", ()))
    place = {field.name: said.get(field.name, "").strip() for field in act.fields if field.name in ("line", "plant")}
    plant, line = read_place(place["line"]) if place.get("line") else (place.get("plant", ""), "")
    return VisitorRequest(act.verb, said.get("transaction", ""), plant, line, said.get("reason", "").strip(), data)


def _usage(said: Mapping[str, str], others: Iterable[str]) -> dict[str, Any]:
    """Read actual quantities: those of fields that are filled in, and those of other components, `BOLT-8=12`."""
    filled = [(name, text.strip()) for name, text in said.items() if name.startswith((USE, TIME)) and text.strip()]
    parted = [each.rpartition("=") for each in others]
    components = [{"material": name.removeprefix(USE), "quantity": text} for name, text in filled
                  if name.startswith(USE)]  # fmt: skip
    components += [{"material": name, "quantity": text} for name, _, text in parted]
    activities = [
        {"work_center": center, "activity": activity, "hours": text}
        for name, text in filled
        if name.startswith(TIME)
        for center, _, activity in (name.removeprefix(TIME).partition("/"),)
    ]
    return {name: found for name, found in (("components", components), ("activities", activities)) if found}


def _total(text: str) -> tuple[str, dict[str, Any]]:
    """Read the total of a counter, `c-L04-good=18234`; the gateway refuses what is none."""
    device, _, total = text.partition("=")
    number = parse_whole(total)
    return device, {"good": total if number is None else number}
