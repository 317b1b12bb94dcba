"""The demo's broker: a built-in one, or an existing one, which is left as it was found."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from gateway.cli.shared.command import tell

if TYPE_CHECKING:
    from gateway.settings import Settings

_REACH_S: Final = 20.0
_QUIET_S: Final = 1.0


@contextmanager
def open_broker(url: str | None) -> Iterator[tuple[str, str]]:
    """Yield the broker's address and description."""
    from gateway.mqtt.embedded import EmbeddedBroker

    if url is not None:
        _reach(url)
        yield url, ""
        return
    # Ctrl-C reaches every process of the terminal; the broker must outlive it, until the gateway has drained.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        broker = EmbeddedBroker.start()
    finally:
        signal.signal(signal.SIGINT, before)
    with broker:
        yield str(broker.address), broker.kind


def refuse_publishers(settings: "Settings") -> None:
    """Refuse a broker on which real machines have the topics of the demo's: it would count them, and disturb others."""
    from gateway.backflush.values.names import quote
    from gateway.cli.shared.broker_client import Tool
    from gateway.errors import UsageError

    filters = [source.filter for source in settings.sources]
    if filters:
        with Tool(settings, "demo") as tool:
            tool.subscribe(*filters)
            if (message := tool.next(_QUIET_S)) is not None:
                raise UsageError(
                    f"--mqtt: expected a broker without publishers of this plant, heard {quote(message.topic)}"
                )


def leave_nothing(settings: "Settings") -> None:
    """Clear the demo's retained messages on a broker that is not its own."""
    from gateway.cli.shared.broker_client import Tool
    from gateway.errors import BrokerUnavailable

    base = settings.mqtt.base_topic
    try:
        with Tool(settings, "demo") as tool:
            tool.subscribe(f"{base}/#", *(source.filter for source in settings.sources))
            while (message := tool.next(_QUIET_S)) is not None:
                if message.retain and message.payload:
                    tool.publish(message.topic, b"", retain=True)
    except BrokerUnavailable as error:
        tell(f"retained messages of the demo are left below {base}: {error}")


def _reach(url: str) -> None:
    """Fail at once, not after the gateway has tried in vain for a while."""
    from gateway.errors import BrokerUnavailable
    from gateway.mqtt.broker import Address

    address = Address.parse(url)
    try:
        socket.create_connection((address.host, address.port), timeout=_REACH_S).close()
    except OSError as error:
        raise BrokerUnavailable(f"the broker at {address} cannot be reached: {error.strerror or error}") from error
