"""Meanings of every table and column, for people: on the documentation page and in the template workbook.

A column of quantities has its unit in brackets. Columns that most tables share stand once, under `*`.
"""

# ruff: noqa: E501 - a line of the text is a row of a table

import re
from typing import Final, NamedTuple

_TEXT: Final = """
* what every table shares
    plant: the plant
    material: the material, within its plant
    version: the production version of the material
    alternative: the alternative of the bill of material
    routing: the key of the routing
    operation: the operation of the routing
    line: the production line
    work_center: the work center
    activity: the activity type, such as LABOUR
    unit: a unit of measure; empty is the base unit of the material
    valid_from: the first day on which the row is valid; empty is from always
    valid_to: the last day on which the row is valid; empty is for always
    batch: the batch; empty if the material has none
    revision: the revision level; empty is the list without one
    sales_order: the sales order that bears the cost; empty makes to stock
    sales_order_item: the item of the sales order
    issue_location: the storage location that components are issued from
    receiving_location: the storage location that products are received into
    order: the number of the order
    item: the number of the item
    component: the material that is used
    name: its name for people
    date: the day

plants A plant: its clock, its currency, its rules.
    time_zone: the zone of its shifts and postings; `check` warns if it is not given
    currency: the currency of its prices and values
    issue_location_strategy: the search for the place of a component: 1 its material, 2 the version and the product, 3 first 1, then 2, 4 first 2, then 1
    closed_period_policy: the treatment of a piece of a closed period: `next` posts it on the first open day, `wait` keeps it in quarantine
    language: the language of the feedback to its scanners, `en` or `de`; empty is English

shifts Shifts by the wall clock of the plant; a night shift belongs to the day on which it starts.
    shift: the name of the shift
    days: the days of the week on which it starts
    start: when it starts
    end: when it ends; at or before its start is the next day, 24:00 is midnight

calendar_exceptions Days on which a shift is not worked.
    date: the day on which the shift would start
    shift: the shift that is not worked; empty is all of that day

storage_locations Storage locations. A plant may leave all of them unlisted: then any name is good.
    location: the storage location
    negative_stock: whether stock may go below zero, so that an issue is always posted

lines Lines that people know by name; one that a version or a device names needs no row.
    work_center: the work center that the line is; for planning only, and not used yet

materials Materials: products and components.
    description: its name on documents and displays
    unit: the base unit, in which stock is kept
    decimals [decimals]: to how many decimals a quantity of the base unit is posted
    type: `made` here, or `bought`; for planning only, and not used yet
    standard_price [currency per price unit]: the value of postings, from this import on
    price_unit [base units]: for how many units the price is
    gtin: the GTIN of one base unit, as on its label
    issue_location: where it is issued from as a component
    receiving_location: where it is received as a product, if its version does not say
    rem_profile: the REM profile by which it is backflushed; empty is not backflushed
    assembly_scrap_percent [%]: for planning only, and not used yet
    component_scrap_percent [%]: the additional need of it as a component, if the profile includes it and the item has none
    backflush: whether it is issued by backflush as a component: `always`, or as its `work_center` decides
    phantom: its own components are issued instead of it
    bulk: it is never issued as a component
    lot_size_rule: for planning only, and not used yet
    lot_size [base units]: the size for the rule; not used yet

units Units that convert to the base unit of a material, in every plant: 1 unit is numerator / denominator base units.
    unit: the alternative unit
    numerator [base units]: the base units that the denominator makes
    denominator [units]: the units that the numerator makes

gtins Further GTINs of a material, such as that of a box.
    gtin: the GTIN as on the label
    unit: the unit that one label counts; empty is the base unit

aliases Label texts that are no standard barcode, and their meanings.
    code: the text of the label
    kind: what it stands for: a material, a version or a planned order that is made, a control code, or the reporting point or operator of what is scanned next
    value: the material, material/version, order, control code such as BF:STOP, point or operator

boms Bills of material.
    base_quantity [base units of the product]: the product quantity for which the quantities of the items are

bom_items Items of bills of material.
    item: the number of the item; several rows of one number follow each other in time
    quantity [unit of the item]: for the base quantity of the list; negative is a by-product
    operation: the operation that uses it; empty is the first segment
    issue_location: where it is issued from; empty lets the plant's strategy decide
    issue_mode: `backflush` or `manual`; empty lets operation, material and work center decide
    fixed_quantity: used once for each lot, else each shift, however many pieces are made
    component_scrap_percent [%]: the additional need, if the profile includes component scrap
    operation_scrap_percent [%]: for planning only, and not used yet
    net: for planning only, and not used yet

work_centers Work centers, whose activities are charged.
    cost_center: the cost center that the activities come from
    capacity_hours [h per day]: for planning only, and not used yet
    backflush: whether components whose material leaves it to the work center are issued by backflush

activity_rates The price of an hour of an activity.
    rate_per_hour [currency per h]: the price, in force from this import on

routings Rate routings.
    base_quantity [base units of the product]: the product quantity for which the hours of the operations are

operations Operations of routings; numbers sort as text, so they are of equal length.
    operation: the number of the operation
    work_center: the work center whose activities it needs
    description: the work to do
    reporting_point: whether pieces are reported there
    scrap_percent [%]: for planning only, and not used yet
    backflush: whether its components are issued by backflush, if the item does not decide; empty lets the material decide

operation_activities Standard values of operations.
    hours [h]: for the base quantity of the routing
    fixed: charged once for each lot, else each shift, as a setup is

production_versions The products that a line can make, each with its bill of material and routing.
    version: the name of the version
    bom_alternative: the alternative of the bill of material; needed to be posted
    routing: the routing; needed to be posted
    line: the line that makes it
    lot_size_from [base units]: the smallest lot for which it may be chosen
    lot_size_to [base units]: the largest lot for which it may be chosen; 0 is any
    receiving_location: where the product is received; empty is the material's
    issue_location: where components are issued from that have no place of their own
    locked: nothing more is posted by it

estimate_activities Hours of a cost estimate, for profiles whose source of activities it is.
    hours [h]: for the base quantity
    base_quantity [base units of the product]: the product quantity for which the hours are
    fixed: charged once for each lot, else each shift

rem_profiles REM profiles: how a material is backflushed. [REM profiles](profiles.md) shows the effect of each field on one day.
    profile: the name of the profile
    goods_issue: whether components are issued
    activities: whether activities are charged
    reporting_points: whether pieces are reported at points: not at all, at each, or at some
    auto_goods_receipt: the last point receives the pieces
    backfill: whether points before a report are posted with it
    order_reduction: the planned orders that production reduces
    order_window_days [days]: how far from the day of an order it is reduced; empty is any
    withdrawal_errors: a component that is short waits as backlog, or the posting is refused
    stock_determination: batches are chosen: first expired, then first received
    include_component_scrap: component scrap is issued as well
    activity_source: the source of hours: the routing, or the cost estimate
    goods_issue_timing: when components are issued: at once, by the update worker, or with the worklist
    activity_timing: when activities are charged
    cumulate_goods_issues: the worklist posts one issue for equal keys
    cumulate_activities: the worklist charges equal activities as one
    recreate_orders_on_reversal: a reversal gives back to planned orders
    movement_receipt: the movement type of receipts
    movement_issue: the movement type of issues
    movement_scrap: the movement type of scrapped components
    movement_by_product: the movement type of by-products

devices Counters and scanners: their places, and the limits of what they may report.
    device: its id, which is its login and stands in its topics
    line: the line where it is; `_` or empty is a roaming scanner
    operation: the reporting point that it reports; empty is the final one
    kind: a counter reports totals, a scanner reads labels; the rest that it sends is taken, and `check` warns of it
    role: the meaning of a counter's bare total: good pieces, all pieces, or scrap
    decoder: the format of its messages on its own topics; empty for a device of a [source](sources.md), which names its decoder
    modulus [pulses]: the total at which the counter begins again at 0; empty: never
    max_step [pulses a minute]: the largest accepted step, for a person or label that of a day of minutes; empty: no limit
    reset: whether a total that fell without a new boot may be a new beginning
    weight [pieces per pulse]: how many pieces a pulse is, whole in the product's decimals
    first: the meaning of the very first total: a baseline, or pieces made
    window: how many readings are one document: each `reading`, `100pc`, `30s`, a `shift`, until a `scan`; empty is `posting.window`
    unit: the unit that it counts in; empty is the base unit
    time_zone: the zone of its times without an offset; empty is UTC
    stale_s [s]: how long a device may be silent before an alert; 0 raises none
    disabled: its messages go to quarantine
    language: the language of its feedback, `en` or `de`, unless its operator has another; empty is that of the plant
    context_s [s]: how long the cards for the next label hold: quantity, scrap, loss, rework, start of a run

runs Runs: the version that a line makes, with start and end. They accumulate: one that is left out stays.
    start: when it begins
    end: when it ends; empty is until the next one begins
    version: the production version that is made
    revision: the revision level of the bill of material

planned_orders Planned orders: quantities to be made. They accumulate: one that is left out stays.
    version: the version that it is planned for; empty is assigned to none
    line: the line that it is planned on; empty is none
    start: the day on which it begins
    finish: the day on which it ends
    quantity [base units]: the whole order, including the part made: the open quantity is this less the reductions
    closed: planning has withdrawn it: it needs nothing more, and is not reduced

planned_order_components The own component list of a planned order; without one its bill of material decides.
    quantity [unit of the item]: for the quantity of the order
    operation: the operation that uses it; empty is the first segment

sales_orders Items of sales orders that are made to order.
    quantity [base units]: how much is ordered
    date: the day on which it is wanted; for planning only, and not used yet

demands Planned independent requirements; for planning only, and not used yet.
    quantity [base units]: how much is wanted; not used yet
    kind: the kind of the demand; not used yet

operators People who scan their card.
    operator: the number on the card
    language: the language of the feedback to them, en or de; empty is that of the scanner

scrap_reasons Reasons for scrapping pieces.
    reason: the key in telegrams and on cards
    text: its name for people

batches Batches: when they came, and when they expire.
    received: the day on which it came
    expires: the last day on which stock determination takes it

opening_stock Stock when the gateway began; importing another quantity later moves the stock by the difference.
    location: the storage location
    stock_type: empty is free stock, `E/order/item` that of a sales order
    quantity [base units]: how much there was

overheads Overheads on the charges of collectors; not used yet.
    base: the base of the percentage
    percent [%]: how much is added; not used yet
"""

_COLUMN: Final = re.compile(r"    (\w+)(?: \[([^\]]+)\])?: (.+)")


class ColumnMeaning(NamedTuple):
    """The meaning of a column, and the unit of a quantity."""

    text: str
    unit: str


def _read() -> tuple[dict[str, str], dict[tuple[str, str], ColumnMeaning]]:
    tables: dict[str, str] = {}
    columns: dict[tuple[str, str], ColumnMeaning] = {}
    table = ""
    for line in _TEXT.strip().split("\n"):
        found = _COLUMN.fullmatch(line)
        if found:
            columns[table, found[1]] = ColumnMeaning(found[3], found[2] or "")
        elif line:
            table, _, text = line.partition(" ")
            tables[table] = text
    return tables, columns


TABLES_MEAN, COLUMNS_MEAN = _read()


def meaning_of(table: str, column: str) -> ColumnMeaning:
    """Return the meaning of a column."""
    return COLUMNS_MEAN.get((table, column)) or COLUMNS_MEAN["*", column]
