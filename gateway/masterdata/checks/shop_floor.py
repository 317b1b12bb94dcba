"""Checks of the shop floor: versions, profiles, counters and scanners, runs, shifts."""

from collections.abc import Iterator
from datetime import time
from itertools import pairwise
from math import gcd

from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.posting.names import no_point
from gateway.backflush.values.documents import ONLINE
from gateway.backflush.values.quantities import format_quantity, step_of
from gateway.masterdata import rows as r
from gateway.masterdata.cells import DAYS, microseconds
from gateway.masterdata.checks.boms import no_conversion
from gateway.masterdata.checks.catalogue import Catalogue, group
from gateway.masterdata.tables import Finding

_WEEK = 7 * 24 * 60
_PULSES = 100
"""At most this many pulses are a whole step of a product: a third of a piece has no exact six decimals."""


def versions(known: Catalogue) -> Iterator[Finding]:
    """Refuse a version that cannot be exploded or received."""
    for version in known.tables.of(r.VersionRow):
        name = f"version {version.version} of {version.material}"
        if not version.bom_alternative:
            yield known.at(version, "bom_alternative", f"{name} has no bill of material")
        if not version.routing:
            yield known.at(version, "routing", f"{name} has no routing")
        if version.lot_size_to and version.lot_size_from > version.lot_size_to:
            yield known.at(version, "lot_size_from", f"the lot sizes of {name} end before they begin")
        material = known.materials.get((version.plant, version.material))
        if material is None:
            continue
        if not (version.receiving_location or material.receiving_location):
            yield known.at(version, "receiving_location", f"{name} has no receiving location, nor has its material")
        if not material.rem_profile:
            text = f"{name} is not backflushed: material {material.material} has no REM profile"
            yield known.at(version, "material", text, "warning")
        yield from _operations_of(known, version)


def _operations_of(known: Catalogue, version: r.VersionRow) -> Iterator[Finding]:
    operations = known.operations.get((version.plant, version.material, version.routing), [])
    numbers = {operation.operation for operation in operations}
    for item in known.items.get((version.plant, version.material, version.bom_alternative), []):
        if item.operation and numbers and item.operation not in numbers:
            text = f"operation {item.operation} is not in routing {version.routing} of version {version.version}"
            yield known.at(item, "operation", text, "warning")
    profile = known.profile_of(version)
    if profile is None:
        return
    points = [operation.operation for operation in operations if operation.reporting_point]
    if profile.reporting_points == "mandatory" and not points:
        text = f"profile {profile.profile} demands reporting points, routing {version.routing} has none"
        yield known.at(version, "routing", text, "warning")
    if points and profile.reporting_points != "none" and not profile.auto_goods_receipt:
        yield from _receipt_of(known, version, points)


def _receipt_of(known: Catalogue, version: r.VersionRow, points: list[str]) -> Iterator[Finding]:
    """Warn if devices count at reporting points, and none at the final one."""
    counters_here = known.counters_of_line.get((version.plant, version.line), [])
    counting = {counter.operation for counter in counters_here if counter.role != "scrap"}
    scans = any(
        device.kind == "scanner" and not device.disabled and device.plant == version.plant
        and device.line in (version.line, "", ROAMING) and device.operation not in points
        for device in known.tables.of(r.DeviceRow)
    )  # fmt: skip
    if counting and counting <= set(points) and not scans:
        text = (
            f"no device reports {version.material} as finished, so it is never received: the counters of line"
            f" {version.line} are at reporting points ({', '.join(sorted(counting))}), and those post no"
            " receipt; set auto_goods_receipt, add a counter without operation or a scanner, or post it by hand"
        )
        yield known.at(version, "line", text, "warning")


def issue_locations(known: Catalogue) -> Iterator[Finding]:
    """Warn of a component without an issue location by any rule: each posting would leave it in the backlog."""
    told: set[r.Key] = set()
    for version in known.tables.of(r.VersionRow):
        plant = known.plants.get(version.plant)
        product = known.materials.get((version.plant, version.material))
        if plant is None or product is None:
            continue
        by_version = version.issue_location or version.receiving_location or product.issue_location
        for item in known.items.get((version.plant, version.material, version.bom_alternative), []):
            component = known.materials.get((item.plant, item.component))
            if component is None or component.phantom or component.bulk or item.issue_location or item.key() in told:
                continue
            places = {1: component.issue_location, 2: by_version}.get(
                plant.issue_location_strategy, component.issue_location or by_version
            )
            if not places:
                told.add(item.key())
                yield known.at(item, "issue_location", f"component {item.component} has no issue location", "warning")


def routings(known: Catalogue) -> Iterator[Finding]:
    """Refuse operation numbers that sort differently as text, and warn of activities without a rate."""
    for operations in known.operations.values():
        numbers = [operation for operation in operations if operation.operation.isdigit()]
        for before, after in pairwise(sorted(numbers, key=lambda o: o.operation)):
            if int(before.operation) >= int(after.operation):
                text = f"expected numbers of equal length, got {before.operation} before {after.operation}"
                yield known.at(after, "operation", text)
    rates = {row.key() for row in known.tables.of(r.ActivityRateRow)}
    centers = {row.key(): row.work_center for row in known.tables.of(r.OperationRow)}
    for value in known.tables.of(r.OperationActivityRow):
        center = centers.get((value.plant, value.material, value.routing, value.operation))
        if center is not None and (value.plant, center, value.activity) not in rates:
            text = f"activity {value.activity} has no rate at work center {center}, so it costs nothing"
            yield known.at(value, "activity", text, "warning")


def profiles(known: Catalogue) -> Iterator[Finding]:
    """Refuse settings that contradict each other or the counters that use them."""
    counted = {
        profile.profile: (device, version)
        for line, devices in known.counters_of_line.items()
        for device in devices
        for version in known.versions_of_line.get(line, [])
        if (profile := known.profile_of(version)) is not None
    }
    for profile in known.tables.of(r.ProfileRow):
        if profile.reporting_points == "none" and profile.auto_goods_receipt:
            text = "expected reporting points for an automatic goods receipt, got none"
            yield known.at(profile, "auto_goods_receipt", text)
        if profile.reporting_points == "none" and profile.backfill != "none":
            yield known.at(profile, "backfill", "expected reporting points to fill, got none")
        if profile.withdrawal_errors != "reject":
            continue
        if profile.profile in counted:
            device, version = counted[profile.profile]
            text = f"expected backlog, got reject, but counter {device.device} counts {version.material} by it"
            yield known.at(profile, "withdrawal_errors", text)
        elif profile.goods_issue and profile.goods_issue_timing != ONLINE:
            text = f"expected online issue with reject, got {profile.goods_issue_timing}: the sender is gone by then"
            yield known.at(profile, "goods_issue_timing", text)


def devices(known: Catalogue) -> Iterator[Finding]:
    """Refuse a device that could not be booked: no place, or an operation or unit unknown to its line."""
    for device in known.tables.of(r.DeviceRow):
        roaming = device.line in ("", ROAMING)
        if roaming and device.kind == "counter":
            yield known.at(device, "line", f"counter {device.device} needs a line: only scanners roam")
        if not device.plant:
            yield known.at(device, "plant", f"device {device.device} has no plant")
            continue
        if device.plant not in known.plants:
            continue
        if not roaming:
            yield from _device_at_line(known, device)
        elif device.operation and not any(
            row.plant == device.plant and row.operation == device.operation for row in known.tables.of(r.OperationRow)
        ):
            refused = no_point(device.plant, ROAMING, device.operation)
            yield known.at(device, "operation", f"{refused.code} {refused.text}")


def resets(known: Catalogue) -> Iterator[Finding]:
    """Warn of counters that may reset and have no limit."""
    for device in known.tables.of(r.DeviceRow):
        limit, modulus = device.max_step, device.modulus
        if limit is None and device.reset == "allow":
            text = "reset = allow needs max_step: without it no total that goes back is believed to be a reset"
            yield known.at(device, "reset", text, "warning")
        if limit is None and modulus is not None:
            text = "modulus needs max_step: without it only a step from its last tenth to its first is a rollover"
            yield known.at(device, "modulus", text, "warning")
        if limit is not None and modulus is not None and 60 * limit >= modulus:
            text = (
                f"after an hour of silence max_step {limit} lets {60 * limit} pieces be believed, as many as the"
                f" counter can show ({modulus}): then a wrong total that is lower by more than a tenth of that is taken"
                " for a rollover; lower max_step"
            )
            yield known.at(device, "max_step", text, "warning")


def _device_at_line(known: Catalogue, device: r.DeviceRow) -> Iterator[Finding]:
    where = f"line {device.plant}/{device.line}"
    made = known.versions_of_line.get((device.plant, device.line), [])
    if not made:
        yield known.at(device, "line", f"{where} makes nothing: no production version names it", "warning")
        return
    if device.operation:
        yield from _device_at_operation(known, device, made)
    for version in made:
        material = known.materials.get((version.plant, version.material))
        if material is not None and not known.converts(material, device.unit):
            yield known.at(device, "unit", no_conversion(material, device.unit))
            break
    yield from _weight_at_line(known, device, made)


def _weight_at_line(known: Catalogue, device: r.DeviceRow, made: list[r.VersionRow]) -> Iterator[Finding]:
    """Check that a counter's weight gives whole pieces, in the decimals of each product of its line."""
    if device.kind != "counter":
        return
    whole, broken = False, []
    for version in made:
        material = known.materials.get((version.plant, version.material))
        if material is not None:
            step = step_of(material.decimals)
            pulses = step // gcd(device.weight, step)
            whole = whole or pulses <= _PULSES
            if pulses > 1:
                broken.append((material, pulses))
    for material, pulses in broken[:1]:
        weight, unit = format_quantity(device.weight), material.unit
        text = f"{weight} {unit} a pulse of {material.material}, whose unit has {material.decimals} decimals"
        if whole:
            text += f": it takes {pulses} pulses to a whole step, and totals in between go to quarantine"
            yield known.at(device, "weight", text, "warning")
        else:
            yield known.at(device, "weight", f"{text}: no pulses of it are a whole step")


def _device_at_operation(known: Catalogue, device: r.DeviceRow, made: list[r.VersionRow]) -> Iterator[Finding]:
    # For the engine an operation that is no point, after the last point or without points, is the final.
    where = f"operation {device.operation} of line {device.plant}/{device.line}"
    lacking = []
    for version in made:
        operations = known.operations.get((version.plant, version.material, version.routing), [])
        numbers = [operation.operation for operation in operations]
        profile = known.profile_of(version)
        points = [
            o.operation for o in operations if o.reporting_point and profile and profile.reporting_points != "none"
        ]
        if device.operation not in numbers:
            lacking.append(version)
        elif points and device.operation not in points and device.operation < points[-1]:
            text = f"{where} is no reporting point of {version.material}; the points are {', '.join(points)}"
            yield known.at(device, "operation", text)
        elif not points and device.operation != numbers[-1]:
            text = f"{where} is counted as final: {version.material} has no reporting points"
            yield known.at(device, "operation", text, "warning")
    if len(lacking) == len(made):
        refused = no_point(device.plant, device.line, device.operation)
        yield known.at(device, "operation", f"{refused.code} {refused.text}")
    else:
        for version in lacking:
            text = f"{where} is not in routing {version.routing} of {version.material}"
            yield known.at(device, "operation", text, "warning")


def counters(known: Catalogue) -> Iterator[Finding]:
    """Refuse counters that would count the same pieces: good and gross at one place."""
    everything = [counter for counters in known.counters_of_line.values() for counter in counters]
    for counters_here in group(everything, lambda d: (d.plant, d.line, d.operation)).values():
        roles = {device.role: device for device in counters_here}
        if "good" in roles and "gross" in roles:
            gross, good = roles["gross"], roles["good"]
            text = f"counter {gross.device} counts gross where {good.device} counts good: pieces would be posted twice"
            yield known.at(gross, "role", text)


def runs(known: Catalogue) -> Iterator[Finding]:
    """Refuse runs that contradict each other or name a version of another line."""
    timed: list[tuple[r.RunRow, int, int | None]] = []
    for run in known.tables.of(r.RunRow):
        plant = known.plants.get(run.plant)
        if plant is None:
            continue
        start = microseconds(run.start, plant.time_zone)
        end = microseconds(run.end, plant.time_zone) if run.end else None
        timed.append((run, start, end))
        if end is not None and end <= start:
            yield known.at(run, "end", f"the run of {run.material} ends at {run.end}, before it starts at {run.start}")
        if (run.plant, run.line) not in known.lines:
            yield known.at(run, "line", f"expected a known line, got {run.plant}/{run.line}")
        version = known.versions.get((run.plant, run.material, run.version))
        if version is not None and version.line != run.line:
            text = f"version {run.version} of {run.material} is made on line {version.line}, not on {run.line}"
            yield known.at(run, "line", text)
    yield from _overlapping_runs(known, timed)


def _overlapping_runs(known: Catalogue, timed: list[tuple[r.RunRow, int, int | None]]) -> Iterator[Finding]:
    timed.sort(key=lambda entry: (entry[0].plant, entry[0].line, entry[1]))
    for (before, start, end), (after, later, _) in pairwise(timed):
        same_line = (before.plant, before.line) == (after.plant, after.line)
        # A run without an end lasts until the next one.
        if same_line and (later == start or (end is not None and later < end)):
            text = f"the run of {after.material} starts at {after.start}, while that of {before.material} lasts"
            yield known.at(after, "start", f"{text} from {before.start} to {before.end or 'the next'}")


def shifts(known: Catalogue) -> Iterator[Finding]:
    """Refuse shifts that overlap by the wall clock of a week: a moment would belong to two of them."""
    for rows in group(known.tables.of(r.ShiftRow), lambda row: (row.plant,)).values():
        spans = sorted((span for row in rows for span in _spans(row)), key=lambda span: span[:2])
        told: set[tuple[r.Key, ...]] = set()
        next_week = [(start + _WEEK, end + _WEEK, row) for start, end, row in spans[:1]]
        for before, after in pairwise([*spans, *next_week]):
            pair = tuple(sorted((before[2].key(), after[2].key())))
            if after[0] < before[1] and pair not in told:
                told.add(pair)
                day = DAYS[after[0] // (24 * 60) % 7]
                text = f"shift {after[2].shift} starts on {day} before shift {before[2].shift} ends at {before[2].end}"
                yield known.at(after[2], "start", text)


def _spans(row: r.ShiftRow) -> Iterator[tuple[int, int, r.ShiftRow]]:
    start, end = (time.fromisoformat(text).hour * 60 + time.fromisoformat(text).minute for text in (row.start, row.end))
    for day in row.days:
        yield day * 1440 + start, day * 1440 + (end if end > start else end + 1440), row


RULES = (versions, issue_locations, routings, profiles, devices, counters, resets, runs, shifts)
