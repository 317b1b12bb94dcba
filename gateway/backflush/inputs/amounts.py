"""Amounts: the quantity of a label, from every source that gives one.

A label's count (30, 37), its net measures (310n and on), its amount (Q, 7Q, or by a pattern of the site), the unit of
its GTIN and a card before it (`BF:QTY`) each carry a quantity.

Laws: every carrier is used or the scan is refused; two that differ are refused; a unit converts by the material's units
or not at all.
"""

from devices.barcodes import Amount, Label, Measure
from devices.errors import Rejection
from gateway.backflush.plant.snapshot import Material
from gateway.backflush.posting.names import no_unit
from gateway.backflush.values.quantities import MICRO, format_quantity, proportion, step_of
from gateway.errors import Reason


def amount_of(label: Label, known: Material, unit: str, chosen: int) -> int | Rejection:
    """Return the quantity of a label, in millionths of the base unit.

    `unit` is that of its GTIN (empty: the base unit), `chosen` the quantity of a card before it (0: none).
    """
    factor = (1, 1) if unit in ("", known.unit) else known.units.get(unit)
    if factor is None:
        return no_unit(known, unit)
    if not (chosen or label.count is not None or label.amounts or label.measures):  # nearly every label: one piece
        one = _exact(MICRO, factor, known)
        return one._replace(text=f"one {unit or known.unit}: {one.text}") if isinstance(one, Rejection) else one
    said: list[tuple[str, int | Rejection]] = []
    if label.count is not None:
        said.append(("the count", _exact(label.count * MICRO, factor, known)))
    if chosen:
        said.append(("the card before it", _exact(chosen, factor, known)))
    said += [(f"the amount {amount}", _convert_amount(amount, factor, known)) for amount in label.amounts]
    net = [measure for measure in label.measures if measure.is_net]
    if not said and (not net or (factor != (1, 1) and not any(unit.upper() in measure.units for measure in net))):
        said.append((f"one {unit or known.unit}", _exact(MICRO, factor, known)))
    said += [(str(measure), _convert_measure(measure, known)) for measure in net]
    amounts: dict[int, str] = {}
    for carrier, amount in said:
        if isinstance(amount, Rejection):
            return amount._replace(text=f"{carrier}: {amount.text}")
        amounts.setdefault(amount, carrier)
    if len(amounts) > 1:
        each = " and ".join(f"{carrier} says {format_quantity(amount)}" for amount, carrier in amounts.items())
        return Rejection(Reason.BAD_QUANTITY, f"the label stands for one quantity of {known.unit}, but {each}")
    return next(iter(amounts))


def _exact(units: int, factor: tuple[int, int], known: Material) -> int | Rejection:
    quantity, rest = divmod(units * factor[0], factor[1])
    if rest or quantity <= 0 or quantity % step_of(known.decimals):
        text = f"{format_quantity(units)} is no exact quantity above zero in {known.unit}"
        return Rejection(Reason.BAD_QUANTITY, text)
    return quantity


def _convert_amount(amount: Amount, factor: tuple[int, int], known: Material) -> int | Rejection:
    """Convert an amount: of units of the GTIN (`factor`), unless it names a unit, in any case if that is clear."""
    if amount.unit:
        units = {known.unit: (1, 1), **known.units}
        alike = [unit for unit in units if unit.upper() == amount.unit.upper()]
        if amount.unit not in alike and len(alike) != 1:
            return no_unit(known, amount.unit)
        factor = units[amount.unit if amount.unit in alike else alike[0]]
    return _exact(int(amount.value.scaleb(6)), factor, known)


def _convert_measure(measure: Measure, known: Material) -> int | Rejection:
    """Convert a measure; a weight in another unit is rounded to the decimals of the material's own, if any."""
    units = int(measure.value.scaleb(6))
    if known.unit.upper() in measure.units:
        return _exact(units, (1, 1), known)
    factor = next((factor for unit, factor in known.units.items() if unit.upper() in measure.units), None)
    if factor is None:
        return no_unit(known, measure.units[0])
    if known.decimals:
        units, factor = proportion(units, *factor, step_of(known.decimals)), (1, 1)
    return _exact(units, factor, known)
