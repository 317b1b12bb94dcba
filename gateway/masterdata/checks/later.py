"""Checks of columns without effect yet: they are kept for planning, costing or displays, and reported as such.

Every unread column is listed here, unless it is a text for people. Columns that seem to change quantities are reported
per table, the rest in one finding per purpose, for the rows of an import.
"""

from collections.abc import Iterable, Iterator

from gateway.masterdata import rows as r
from gateway.masterdata.checks.catalogue import Catalogue
from gateway.masterdata.tables import Finding

SCRAP = (
    ("materials.assembly_scrap_percent",),
    ("bom_items.operation_scrap_percent", "bom_items.net"),
    ("operations.scrap_percent",),
)
"""By table: columns of scrap for planning; postings follow the pieces made."""
LATER = {
    "planning": (
        *("lines.work_center", "materials.type", "materials.lot_size_rule", "materials.lot_size"),
        *("work_centers.capacity_hours", "sales_orders.date", "demands.quantity", "demands.kind"),
    ),
    "costing": ("overheads.percent",),
}
_COMPONENT_SCRAP = ("materials.component_scrap_percent",), ("bom_items.component_scrap_percent",)


def scrap(known: Catalogue) -> Iterator[Finding]:
    """Warn of percentages that change no quantity: those for planning, and those that no profile includes."""
    for columns in SCRAP:
        yield from _name_unused(known, columns, "postings use the quantity made; kept for planning")
    if not any(profile.include_component_scrap for profile in known.profiles.values()):
        for columns in _COMPONENT_SCRAP:
            yield from _name_unused(known, columns, "no profile includes component scrap; kept for planning")


def later(known: Catalogue) -> Iterator[Finding]:
    """Warn of columns that nothing reads yet."""
    for purpose, columns in LATER.items():
        yield from _name_unused(known, columns, f"kept for {purpose}")


def _name_unused(known: Catalogue, columns: Iterable[str], why: str) -> Iterator[Finding]:
    """Yield one finding, at the first row of a table, for the columns without effect."""
    given = [(column, row) for column in columns if (row := _first(known, column)) is not None]
    if given:
        names = [column for column, _ in given]
        verb = "decides" if len(names) == 1 else "decide"
        text = f"{', '.join(names)} {verb} nothing in this version: {why}"
        yield known.at(given[0][1], names[0].split(".")[1], text, "warning")


def _first(known: Catalogue, name: str) -> r.TableRow | None:
    """Return the first row that gives a column; for an import, among its own rows."""
    table, column = name.split(".")
    default = r.TABLES[table].model_fields[column].get_default()
    here, everywhere = known.tables.origin, not known.tables.origins
    rows = (row for row in known.tables.rows.get(table, ()) if everywhere or here(row).row)
    return min((row for row in rows if getattr(row, column) != default), key=here, default=None)


RULES = (scrap, later)
