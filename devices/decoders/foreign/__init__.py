"""The messages of other publishers: one file per format, one table of readers.

A `Decoder` turns topic and payload into a `Publication` (`devices.messages`) or into a `Rejection` with the reason. It
is a pure function, total for all bytes, bounded in time and memory by the length of the payload, and it remembers
nothing. The meaning of ids, presence and known totals are state of its caller.

**Values.** A message of the S7 connector, whose ids have no names:

>>> decoder_of("s7databus").parse(
...     "ie/d/j/simatic/v1/s7c1/dp/r/PLC1/default",
...     b'{"vals":[{"id":"101","qc":3,"ts":"2026-11-22T08:15:30.120Z","val":18234},{"id":"102","qc":0,"val":7}]}',
...     retained=False,
... ).samples
(Sample(name='', value=18234, ts=1795335330120000, id='101', hist=False, why='', most=9007199254740992),
 Sample(name='', value=None, ts=None, id='102', hist=False, why='its quality qc is 0', most=9007199254740992))

`Sample.total` is the exact total or a `Rejection`. Of those, `NO_VALUE` is the publisher's own report (bad quality,
null, an error, `nan`): nothing is counted, nothing refused, and no device is heard by it. Any other concerns a person
only if the tag is that of a device: a publisher sends temperatures as well.

**Names.** A sample with an id belongs to the tag that the names of the message's scope give it. Names that are `whole`
end those of their scope and of every scope below it (`scope/...`), so that no id keeps the meaning of an earlier
configuration. An id without a name belongs to no tag: wait for the metadata, or ask for a birth.

>>> decoder_of("s7databus").parse(
...     "ie/m/j/simatic/v1/s7c1/dp",
...     b'{"connections":[{"name":"PLC1","dataPoints":[{"name":"default",'
...     b'"dataPointDefinitions":[{"id":"101","name":"good"}]}]}]}',
...     retained=True,
... ).names
(Names(scope='simatic/v1/s7c1/dp', names=(), whole=True),
 Names(scope='simatic/v1/s7c1/dp/r/PLC1/default', names=(('101', 'good'),), whole=False))

**Presence.** `online` holds for the scope and all below it. It is no reading, and an end of it is no restart.

>>> decoder_of("tasmota").parse("tele/press1/LWT", b"Offline", retained=True)
Publication(scope='press1', samples=(), names=(), online=False, scan=None, symbology='', turn=None)

**Scans.** The scope is the scanner; the scan is one of ours, with the publisher's id. One that cannot be read is a
`Rejection` in its place: its scanner is known, and waits for an answer.

>>> decoder_of("proglove").parse(
...     "pg",
...     b'{"event_type":"scan","event_id":"02114da8","device_serial":"M1","scan_code":"BF:STOP"}',
...     retained=False,
... ).scan.id
'02114da8'

**Nothing.** Other messages of a publisher, and values that the broker had retained, are empty messages: metadata
or a heartbeat, never a new reading. So is a scan that the broker had retained.

**Turns.** A Sparkplug message has a `turn`; hand it to `devices.edge_nodes` before anything else is done with it.

**Time.** `Sample.ts` is None unless the stamp can be an order: not for whole seconds, for local time without offset, or
for a clock that was never set. No format has a sequence that could be one of ours.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

from devices.decoders.foreign import (
    esphome,
    kepware,
    neuron,
    proglove,
    s7databus,
    shelly,
    sparkplug,
    tasmota,
    umh,
    zigbee2mqtt,
)
from devices.decoders.foreign.jmespath import Expressions
from devices.errors import Malformed, Rejection, show
from devices.messages import MAX_FOREIGN, Publication

Reader = Callable[[str, bytes], Publication | Rejection]
"""From topic and payload to a message, or the reason why there is none."""

READERS: Final[dict[str, Reader]] = {
    "kepware": kepware.read,
    "s7databus": s7databus.read,
    "neuron": neuron.read,
    "umh": umh.read,
    "tasmota": tasmota.read,
    "shelly": shelly.read,
    "zigbee2mqtt": zigbee2mqtt.read,
    "esphome": esphome.read,
    "sparkplug": sparkplug.read,
    "proglove": proglove.read,
}
EARLIER: Final[dict[str, Reader]] = {
    "kepware": partial(kepware.read, is_good=lambda quality: quality is True),
    "proglove": partial(proglove.read, ends=""),
}
"""Readers of older journals, in place of those above."""
MAX_TOPIC: Final = 1_000
_GZIP: Final = b"\x1f\x8b"


class Decoder(NamedTuple):
    """The reader for the messages of one source."""

    read: Reader
    max_bytes: int = MAX_FOREIGN
    is_earlier: bool = False
    """Whether a retained scan is refused, as in older journals."""

    def parse(self, topic: str, payload: bytes, *, retained: bool) -> Publication | Rejection:
        """Read a message; of a retained one everything except readings."""
        if len(payload) > self.max_bytes:
            return Rejection(
                Malformed.TOO_LARGE, f"payload: expected at most {self.max_bytes} bytes, got {len(payload)}"
            )
        if len(topic) > MAX_TOPIC or not topic.isprintable():
            expected = f"at most {MAX_TOPIC} characters that can be shown"
            return Rejection(Malformed.BAD_TOPIC, f"topic: expected {expected}, got {show(topic)}")
        message = self.read(topic, payload)
        if isinstance(message, Rejection):
            if payload.startswith(_GZIP):
                return Rejection(Malformed.COMPRESSED, "payload: expected text or a message, got one packed by gzip")
        elif retained:
            return _strip(message, refuses=self.is_earlier)
        return message


def decoder_of(
    name: str, expressions: Mapping[str, str] | None = None, max_bytes: int = MAX_FOREIGN, *, earlier: bool = False
) -> Decoder:
    """Return the decoder of this name; `expressions` are those of `jmespath`, by tag, and of no other.

    earlier: messages are read as when older journals were written.

    A ValueError describes the fault of name or expressions in plain words.
    """
    if name == "jmespath":
        return Decoder(Expressions.of(expressions or {}).read, max_bytes, earlier)
    if name not in READERS:
        raise ValueError(f"expected one of {', '.join((*READERS, 'jmespath'))}, got {show(name)}")
    if expressions:
        raise ValueError(f"{name}: expected no expressions, which are for jmespath, got some")
    return Decoder(({**READERS, **EARLIER} if earlier else READERS)[name], max_bytes, earlier)


def _strip(message: Publication, *, refuses: bool) -> Publication:
    if message.scan is not None and refuses:
        why = Rejection(Malformed.RETAINED, "a scan must not be retained: it would be posted at every start")
        return message._replace(scan=why)
    if message.turn is not None:
        return Publication(message.scope)  # Sparkplug retains states of hosts alone; a kept birth is of another life
    return message._replace(samples=(), scan=None)
