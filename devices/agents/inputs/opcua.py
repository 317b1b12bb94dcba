"""A node of an OPC UA server that holds a total."""

import time
from collections.abc import Iterator

from asyncua.sync import Client
from asyncua.ua.uaerrors import UaError

from devices.agents.inputs import InputAddress, Lost

_TIMEOUT_S = 5.0


class OpcNode:
    """`opc.tcp://[USER:PASSWORD@]HOST[:4840][/PATH]?node=ns=2;s=Line.Counter`."""

    pulses = False

    def __init__(self, address: InputAddress) -> None:
        """Read the address."""
        self._url = address.text.partition("?")[0]
        self._node = address.word("node", "")
        self._every_s = address.number("every_s", 1)
        if not self._node:
            raise ValueError("expected node=NODE in the address, such as node=ns=2;s=Line.Counter, got none")

    def values(self) -> Iterator[int]:
        """Yield the total, again and again."""
        try:
            with Client(self._url, timeout=_TIMEOUT_S) as client:
                node = client.get_node(self._node)
                while True:
                    yield whole(node.read_value())
                    time.sleep(self._every_s)
        except (UaError, TimeoutError, ConnectionError) as error:
            raise Lost(f"{self._node}: {type(error).__name__} {error}") from error


def whole(value: object) -> int:
    """Return a node's value as a total; `Lost` if it is none.

    >>> whole(18234.0)
    18234
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise Lost(f"expected a whole number, got {value!r}")
    return int(value)
