"""An interpretation in words: the parts of a message, and why it has no others."""

from typing import Final

from devices.errors import Rejection, show
from devices.messages import Publication, Scan
from devices.sources.reading import DeviceConnection, DeviceReading, DeviceScan, Interpretation, Refusal


def explain(meaning: Interpretation, topic: str) -> list[str]:
    """Explain an interpretation, one line for each part and reason."""
    source, told = meaning.source, meaning.publication
    lines = [f"{source.decoder} by the source {source.filter}"]
    if told is not None:
        for sample in told.samples:
            total = sample.total
            value = total.text if isinstance(total, Rejection) else f"{show(sample.name or sample.id)}: {total}"
            lines.append(value if sample.name or isinstance(total, Rejection) else f"id {value}")
        lines += [f"{len(names.names)} names of {show(names.scope)}" for names in told.names if names.names]
        if told.symbology:
            lines.append(f"a code of {show(told.symbology)}")
    for part in meaning.parts:
        match part:
            case DeviceReading(device, reading):
                said = [f"{kind} {total}" for kind in _WORDS if (total := getattr(reading, kind)) is not None]
                lines.append(f"{device}: {', '.join(said)}")
            case DeviceScan(device, Scan() as scan):
                lines.append(f"{device}: scan of {show(scan.data)}")
            case DeviceConnection(device, online):
                lines.append(f"{device}: {'online' if online else 'offline'}")
            case Refusal(device, rejection) | DeviceScan(device, Rejection() as rejection):
                lines.append(f"{device or 'no device'}: refused, {rejection.code} {rejection.text}")
    if meaning.ask:
        lines.append(f"{meaning.ask} is asked for its births")
    if meaning.repeated:
        lines.append("it was taken before")
    elif not meaning.mapped:
        lines.append(f"no row asks for {show(topic)}" if not _tags(told) else f"no row has {', '.join(_tags(told))}")
    elif not meaning.parts:
        lines.append("nothing to count, and no device is heard")
    return lines


_WORDS: Final = "good", "gross", "scrap", "rework"


def _tags(told: Publication | None) -> list[str]:
    return [show(sample.name) for sample in told.samples if sample.name][:5] if told is not None else []
