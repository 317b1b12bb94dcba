"""A scanner at a serial port: each line that ends with CR or LF is a scan."""

from collections.abc import Iterator

from serial import Serial

from devices.agents.inputs import InputAddress, Lost
from devices.agents.inputs.texts import LineCutter


class SerialScanner:
    """`serial:/dev/ttyACM0?baud=9600&encoding=utf-8`."""

    pulses = False

    def __init__(self, address: InputAddress) -> None:
        """Read the address."""
        self._port = address.path
        self._baud = address.whole("baud", 9600)
        self._encoding = address.word("encoding", "utf-8", "utf-8", "latin-1")

    def values(self) -> Iterator[str]:
        """Yield each scan."""
        cutter = LineCutter(self._encoding)
        with Serial(self._port, self._baud) as port:
            while data := port.read(max(1, port.in_waiting)):
                yield from cutter.cut(data)
        raise Lost(f"{self._port} has ended")
