"""Decodes Neuron of EMQX: values and errors by tag, or a list of tags.

A tag in error has no value, and is one of `errors`.
"""

from typing import Any

from devices.decoders.foreign.payloads import is_name, moment, read_object, unlike
from devices.errors import Rejection, show
from devices.messages import Publication, Sample


def read(topic: str, payload: bytes) -> Publication | Rejection:
    """Read the tags of a group.

    >>> read("/neuron/n/d/g", b'{"timestamp":1763799330120,"values":{"good":5},"errors":{"scrap":2014}}').samples[1].why
    'error 2014'
    """
    told = read_object(payload)
    if isinstance(told, Rejection):
        return told
    tags = told.get("tags")
    if tags is None:
        pairs = _by_name(told)
    elif isinstance(tags, list) and all(isinstance(each, dict) for each in tags):
        pairs = [(each.get("name"), each.get("value"), each.get("error", 0)) for each in tags]
    else:
        return unlike("tags", "a list of objects", tags)
    if isinstance(pairs, Rejection):
        return pairs
    ts = moment(told.get("timestamp"))
    samples = []
    for name, value, error in pairs:
        if not is_name(name):
            return unlike("tags", "a name", name)
        why = "" if error == 0 else f"error {show(error)}"
        samples.append(Sample(name, None if why else value, ts, why=why))
    return Publication(topic, tuple(samples))


def _by_name(told: dict[str, Any]) -> list[tuple[object, object, object]] | Rejection:
    values, errors = told.get("values", {}), told.get("errors", {})
    if not isinstance(values, dict) or not isinstance(errors, dict) or not {"values", "errors"} & told.keys():
        return unlike("payload", "values and errors by tag", told)
    return [
        *((name, value, 0) for name, value in values.items()),
        *((name, None, code) for name, code in errors.items()),
    ]
