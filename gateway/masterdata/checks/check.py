"""Check tables as a whole, across rows.

An `error` could not be posted, or would be posted wrongly, and refuses the import; a `warning` may be intended, but a
planner wants to know it. Rules are independent generators, so that all findings come at once. The checked tables are
those in force after the import, so an import of runs alone finds its materials.
"""

from collections.abc import Iterator

from devices.barcodes import Control, Label, Verb, control_code, parse_barcode
from gateway.backflush.values.phrases import LANGUAGES
from gateway.backflush.values.quantities import format_quantity, step_of
from gateway.masterdata import rows as r
from gateway.masterdata.checks import boms, estimates, later, remainders
from gateway.masterdata.checks import shop_floor as shop
from gateway.masterdata.checks.boms import no_conversion
from gateway.masterdata.checks.catalogue import Catalogue
from gateway.masterdata.checks.references import unknown_names
from gateway.masterdata.merge import ACCUMULATED
from gateway.masterdata.rows import TABLES
from gateway.masterdata.tables import Finding, Tables


def check_tables(tables: Tables) -> list[Finding]:
    """Return all findings across tables, in the order of tables and rows."""
    known = Catalogue(tables)
    findings = [*unknown_names(tables)]
    for rule in (*RULES, *boms.RULES, *estimates.RULES, *shop.RULES, *remainders.RULES, *later.RULES):
        findings.extend(rule(known))
    order = {table: position for position, table in enumerate(TABLES)}
    unique = dict.fromkeys(_soften(finding, tables) for finding in findings)
    return sorted(unique, key=lambda finding: (order[finding.table], finding.file, finding.row))


def has_errors(findings: list[Finding]) -> bool:
    """Return whether findings refuse an import."""
    return any(finding.severity == "error" for finding in findings)


def _soften(finding: Finding, tables: Tables) -> Finding:
    # An old run or order stays in the tables, and must not block the removal of its version.
    # Its plant must stay: its times have no meaning without it.
    in_use = finding.table in ACCUMULATED and not finding.row and bool(tables.origins)
    past = in_use and finding.field != "plant"
    return finding._replace(severity="warning") if past else finding


def plants(known: Catalogue) -> Iterator[Finding]:
    """Warn of a plant without a time zone."""
    for plant in known.tables.of(r.PlantRow):
        if "time_zone" not in plant.model_fields_set:
            yield known.at(plant, "time_zone", f"plant {plant.plant} has no time zone: UTC is used", "warning")


def validities(known: Catalogue) -> Iterator[Finding]:
    """Refuse rows that end before they begin."""
    for first, last in (("valid_from", "valid_to"), ("start", "finish"), ("received", "expires")):
        for table, kind in TABLES.items():
            if {first, last} <= kind.model_fields.keys():
                for row in known.tables.rows.get(table, ()):
                    begins, ends = getattr(row, first), getattr(row, last)
                    if begins and ends and begins > ends:
                        yield known.at(row, last, f"expected a day from {begins} on, got {ends}")


def lot_sizes(known: Catalogue) -> Iterator[Finding]:
    """Refuse a lot-size rule that needs a size and has none."""
    for material in known.tables.of(r.MaterialRow):
        if material.lot_size_rule != "exact" and not material.lot_size:
            yield known.at(material, "lot_size", f"rule {material.lot_size_rule} needs a lot size above 0, got none")


def units(known: Catalogue) -> Iterator[Finding]:
    """Refuse a conversion that contradicts the base unit, and labels in a unit that does not convert."""
    by_material: dict[str, list[r.MaterialRow]] = {}
    for material in known.tables.of(r.MaterialRow):
        by_material.setdefault(material.material, []).append(material)
    for unit in known.tables.of(r.UnitRow):
        if unit.numerator != unit.denominator and any(m.unit == unit.unit for m in by_material.get(unit.material, ())):
            text = f"{unit.unit} is the base unit of {unit.material}: expected 1 to 1"
            yield known.at(unit, "numerator", text)
    for gtin in known.tables.of(r.GtinRow):
        for material in by_material.get(gtin.material, ()):
            if not known.converts(material, gtin.unit):
                yield known.at(gtin, "unit", no_conversion(material, gtin.unit))


def gtins(known: Catalogue) -> Iterator[Finding]:
    """Refuse a GTIN with two meanings."""
    owners: dict[str, tuple[str, str]] = {}
    for material in known.tables.of(r.MaterialRow):
        if material.gtin:
            owner = owners.setdefault(material.gtin, (material.material, material.unit))
            if owner[0] != material.material:
                text = f"GTIN {material.gtin} is that of material {owner[0]} already"
                yield known.at(material, "gtin", text)
    base = {material.material: material.unit for material in known.tables.of(r.MaterialRow)}
    for row in known.tables.of(r.GtinRow):
        own = (row.material, row.unit or base.get(row.material, ""))
        owner = owners.setdefault(row.gtin, own)
        if owner != own:
            text = f"GTIN {row.gtin} is that of material {owner[0]} in {owner[1]} already"
            yield known.at(row, "gtin", text)


def aliases(known: Catalogue) -> Iterator[Finding]:
    """Refuse a label text without a meaning, and warn of one that has another meaning already."""
    materials = {material.material for material in known.tables.of(r.MaterialRow)}
    versions = {(version.material, version.version) for version in known.tables.of(r.VersionRow)}
    orders = {order.order for order in known.tables.of(r.PlannedOrderRow)}
    for alias in known.tables.of(r.AliasRow):
        read = parse_barcode(alias.code)
        if not (isinstance(read, Label) and read.is_plain):
            text = f"{alias.code} is read as it stands, by its own form, so this row is never used"
            yield known.at(alias, "code", text, "warning")
        match alias.kind:
            case "material" if alias.value not in materials:
                yield known.at(alias, "value", f"expected a known material, got {alias.value}")
            case "version" if tuple(alias.value.partition("/")[::2]) not in versions:
                yield known.at(alias, "value", f"expected a known material/version, got {alias.value}")
            case "order" if alias.value not in orders:
                yield known.at(alias, "value", f"expected a known planned order, got {alias.value}")
            case "control" if not isinstance(parse_barcode(alias.value), Control):
                yield known.at(alias, "value", f"expected a control code like BF:POINT:0020, got {alias.value}")


def cards(known: Catalogue) -> Iterator[Finding]:
    """Warn of a name that can be maintained and does not fit on a card."""
    for verb, kind, column in ((Verb.SCRAP, r.ScrapReasonRow, "reason"), (Verb.OPERATOR, r.OperatorRow, "operator")):
        for row in known.tables.of(kind):
            try:
                control_code(verb, getattr(row, column))
            except ValueError as error:
                yield known.at(row, column, f"no card can say it; {error}", "warning")


def languages(known: Catalogue) -> Iterator[Finding]:
    """Warn of an operator's language in which scanners do not answer."""
    for operator in known.tables.of(r.OperatorRow):
        if operator.language and operator.language not in LANGUAGES:
            text = f"expected {' or '.join(LANGUAGES)}, got {operator.language}: answers are in the scanner's language"
            yield known.at(operator, "language", text, "warning")


def whole_quantities(known: Catalogue) -> Iterator[Finding]:
    """Refuse a quantity that the base unit cannot hold, and stock below zero at a location that forbids it."""
    negative = {row.key() for row in known.tables.of(r.StorageLocationRow) if row.negative_stock}
    rows: list[r.OpeningStockRow | r.PlannedOrderRow | r.SalesOrderRow | r.DemandRow] = [
        *known.tables.of(r.OpeningStockRow),
        *known.tables.of(r.PlannedOrderRow),
        *known.tables.of(r.SalesOrderRow),
        *known.tables.of(r.DemandRow),
    ]
    for row in rows:
        material = known.materials.get((row.plant, row.material))
        if material is not None and row.quantity % step_of(material.decimals):
            got = format_quantity(row.quantity)
            yield known.at(
                row, "quantity", f"expected at most {material.decimals} decimals of {material.unit}, got {got}"
            )
    for stock in known.tables.of(r.OpeningStockRow):
        if stock.quantity < 0 and (stock.plant, stock.location) not in negative:
            text = f"location {stock.location} allows no negative stock, got {format_quantity(stock.quantity)}"
            yield known.at(stock, "quantity", text)


def bulk_phantoms(known: Catalogue) -> Iterator[Finding]:
    """Refuse material that is both phantom and bulk."""
    for material in known.tables.of(r.MaterialRow):
        if material.phantom and material.bulk:
            text = f"material {material.material} is a phantom and bulk: its components would never be issued"
            yield known.at(material, "bulk", text)


def net_flags(known: Catalogue) -> Iterator[Finding]:
    """Warn of a net flag without operation scrap."""
    for item in known.tables.of(r.BomItemRow):
        if item.net and not item.operation_scrap_percent:
            text = "net refers to operation scrap, and there is none"
            yield known.at(item, "net", text, "warning")


RULES = (
    *(plants, validities, lot_sizes, units, gtins, aliases),
    *(cards, languages, whole_quantities, bulk_phantoms, net_flags),
)
