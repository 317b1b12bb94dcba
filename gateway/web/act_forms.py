"""Forms of acts: fields with what may be chosen, a hint, and the sentence of a refusal at the field that it names.

A field offers what the master data have for the line; what it says is judged by the gateway all the same.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gateway.backflush.plant.snapshot import ROAMING, MasterData
from gateway.backflush.plant.versions import ProductionVersion
from gateway.backflush.values.documents import ISSUE
from gateway.backflush.values.quantities import format_quantity, parse_quantity
from gateway.errors import Reason
from gateway.web.acts import TIME, USE, Act, ActField
from gateway.web.asking import GatewayAnswer
from gateway.web.pages import read_place
from gateway.web.rights import Place, Visitor
from gateway.web.tables import PageWords, Record

Choices = Sequence[tuple[str, str]]
_FEW: Final = 40
"""More choices are offered while somebody types."""
_MOST: Final = 500
_BY_CODE: Final[Mapping[str, str]] = {
    Reason.NO_VERSION: "material", Reason.AMBIGUOUS_VERSION: "version", Reason.UNKNOWN_VERSION: "version",
    Reason.LOCKED_VERSION: "version", Reason.EXPIRED_VERSION: "version", Reason.LOT_SIZE: "quantity",
    Reason.UNKNOWN_POINT: "point", Reason.UNKNOWN_MATERIAL: "material", Reason.UNKNOWN_ORDER: "order",
    Reason.UNKNOWN_LINE: "line", Reason.UNKNOWN_REASON: "scrap_reason", Reason.UNKNOWN_SALES_ORDER: "sales_order",
    Reason.BAD_QUANTITY: "quantity", Reason.BAD_DATE: "at", Reason.JUMP: "quantity",
}  # fmt: skip
"""The field that a refusal is of, unless its text names another one."""
_FORCED: Final = "--force"
"""The text of a refusal has it if a person may insist."""


class FormField(NamedTuple):
    """A field of a form, ready for a template."""

    name: str
    label: str
    value: str
    kind: str = "text"
    choices: Choices = ()
    suggestions: Choices = ()
    """Texts that are offered, beside which any other may be typed."""
    is_required: bool = False
    is_rare: bool = False
    hint: str = ""
    wrong: str = ""
    """Why it was refused."""
    placeholder: str = ""


def label_of(words: PageWords, act: Act, name: str) -> str:
    """Return the name of a field on this form."""
    keys = (f"field_{act.key}_{name}", f"field_{name}", f"col_{name}")
    return next(words.texts[key] for key in keys if key in words.texts)


def form_field(
    words: PageWords, act: Act, field: ActField, said: Mapping[str, str], offered: Choices, wrong: str
) -> FormField:
    """Make a field: a choice if it has only some values, else a text."""
    value, rest = said.get(field.name, ""), words.texts["not_said"]
    choices: list[tuple[str, str]] = [(choice, words.word(choice) or rest) for choice in field.choices]
    if field.choices and field.name == "kind" and "" not in field.choices and "all" not in field.choices:
        choices = [("", words.texts["all_processes"]), *choices]
    if field.kind in ("yes", "force"):
        choices = [("", words.texts["word_no"]), ("yes", words.texts["word_yes"])]
    if 0 < len(offered) <= _FEW and not choices:
        other = [(value, value)] if value and value not in dict(offered) else []
        choices, offered = [("", words.texts["choose"] if field.is_required else rest), *other, *offered], ()
    hint = words.texts.get(f"hint_{act.key}_{field.name}") or words.texts.get(f"hint_{field.name}", "")
    return FormField(
        field.name, label_of(words, act, field.name), value, "date" if field.kind == "date" else "text", choices,
        () if choices else offered[:_MOST], field.is_required, field.is_rare and not value and not wrong, hint, wrong,
    )  # fmt: skip


def usage_fields(
    words: PageWords, standard: Iterable[Mapping[str, str]], said: Mapping[str, str], wrong: Mapping[str, str]
) -> list[FormField]:
    """Make a field for each component and time; one that is left empty stays as the lists have it."""
    found = {}
    for each in standard:
        center = each["work_center"]
        name = f"{TIME}{center}/{each['name']}" if center else f"{USE}{each['name']}"
        hint = words.texts["hint_standard"].format(quantity=words.number(each["quantity"]), unit=each["unit"])
        label = " ".join(filter(None, (center, each["name"])))
        found[name] = FormField(name, label, said.get(name, ""), hint=hint, placeholder=each["quantity"],
                                wrong=wrong.get(name, ""))  # fmt: skip
    for name in said:
        if name.startswith((USE, TIME)) and said[name] and name not in found:
            found[name] = FormField(name, name.partition(":")[2], said[name], wrong=wrong.get(name, ""))
    return [*found.values()]


def is_forcible(refused: GatewayAnswer | None) -> bool:
    """Return whether the gateway takes what it has refused if a person insists."""
    return refused is not None and _FORCED in refused.text


def faults_of(act: Act, refused: GatewayAnswer | None) -> dict[str, str]:
    """Return the text of a refusal by the field that it is of.

    >>> act = Act("/x", "post", (ActField("quantity"), ActField("material")), "/")
    >>> faults_of(act, GatewayAnswer("t", "error", "BF5008", "post: quantity: expected a number", {}))
    {'quantity': 'post: quantity: expected a number'}
    """
    if refused is None or refused.status == "ok":
        return {}
    if act.takes_usage and (component := re.search(r"component (\S+?):", refused.text)):
        return {USE + component[1]: refused.text}
    names = [field.name for field in act.fields]
    said = [name for name in names if re.search(rf"\b{name}(:| is\b)", refused.text)]
    name = next(iter(said), _BY_CODE.get(refused.code, ""))
    name = "start" if name == "at" and "start" in names else "end" if name == "at" and "end" in names else name
    return {name: refused.text} if name in names else {}


def find_line(text: str, master: MasterData, visitor: Visitor) -> str:
    """Return a line with its plant, if its name alone is clear among those of the visitor; any other text as it is."""
    if "/" in text or text in master.plants:
        return text
    mine = [f"{plant}/{line}" for plant, line in master.lines if line == text and visitor.sees(plant, line)]
    return mine[0] if len(mine) == 1 else text


def offers_of(
    act: Act, said: Mapping[str, str], master: MasterData, visitor: Visitor, orders: Sequence[Record]
) -> dict[str, Choices]:
    """Return what the fields of a form may be: of the line that is said, else of all lines of the visitor."""
    lines = [place for place in master.lines if visitor.sees(*place) and place[1] != ROAMING]
    line: Place = read_place(said.get("line", ""))
    here = [line] if line in lines else lines
    versions = [each for place in here for each in master.versions_of_line.get(place, ()) if not each.locked]
    wanted = said.get("material", "")
    of_product = [each for each in versions if each.material == wanted] or versions
    found: dict[str, Choices] = {
        "line": [("/".join(place), " ".join(filter(None, ("/".join(place), master.lines[place])))) for place in lines],
        "material": _products(versions, master, orders),
        "version": _versions(of_product),
        "scrap_reason": [(reason, f"{reason} {text}".strip()) for reason, text in sorted(master.scrap_reasons.items())],
        "order": [(each["order"], f"{each['order']}: {each['material']}, {each['open']}") for each in orders],
    }
    found["point"] = found["after"] = _points(of_product, master)
    return {field.name: found[field.name] for field in act.fields if field.is_offered}


def _products(versions: Iterable[ProductionVersion], master: MasterData, orders: Sequence[Record]) -> Choices:
    """Return the products of versions, those of planned orders first."""
    planned: dict[str, list[str]] = {}
    for each in orders:
        planned.setdefault(each["material"], []).append(f"{each['order']}: {each['open']}")
    made = {each.material: master.materials.get((each.plant, each.material)) for each in versions}
    ordered = [name for name in planned if name in made] + sorted(made.keys() - planned.keys())
    return [
        (name, ", ".join(filter(None, (name, known.description if known else "", *planned.get(name, ())[:2]))))
        for name in ordered
        for known in (made[name],)
    ]


def _versions(versions: Iterable[ProductionVersion]) -> Choices:
    products: dict[str, dict[str, None]] = {}
    for each in versions:
        products.setdefault(each.version, {})[each.material] = None
    return [(name, f"{name}: {', '.join([*made][:3])}") for name, made in sorted(products.items())]


def _points(versions: Iterable[ProductionVersion], master: MasterData) -> Choices:
    found = {
        operation.operation: f"{operation.operation} {operation.description}".strip()
        for version in versions
        for routing in master.routings.get((version.plant, version.material, version.routing), ())
        for operation in routing.operations
        if operation.reporting_point
    }
    return sorted(found.items())


def usage_of_document(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the components that a document has issued, which may come back."""
    issued: dict[tuple[str, str], int] = {}
    for item in record["items"]:
        if item["process"] == ISSUE and item["quantity"].startswith("-"):
            key = item["material"], item["unit"]
            issued[key] = issued.get(key, 0) + (parse_quantity(item["quantity"].removeprefix("-")) or 0)
    return [{"work_center": "", "name": name, "unit": unit, "quantity": format_quantity(quantity)}
            for (name, unit), quantity in issued.items()]  # fmt: skip
