"""A register of a Modbus device that holds a total, read over TCP or a serial line."""

import time
from collections.abc import Iterator, Sequence

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.exceptions import ModbusException

from devices.agents.inputs import InputAddress, Lost

_TIMEOUT_S = 3.0


class ModbusRegister:
    """`modbus://HOST[:502]?register=100&words=2&unit=1&kind=holding&order=big`, `modbus:/dev/ttyUSB0?…&baud=9600`."""

    pulses = False

    def __init__(self, address: InputAddress) -> None:
        """Read the address."""
        self._address = address
        self._register = address.whole("register")
        self._words = int(address.word("words", "2", "1", "2", "4"))
        self._unit = address.whole("unit", 1)
        self._kind = address.word("kind", "holding", "holding", "input")
        self._high_first = address.word("order", "big", "big", "little") == "big"
        self._every_s = address.number("every_s", 1)
        self._baud = address.whole("baud", 9600)

    def values(self) -> Iterator[int]:
        """Yield the total, again and again."""
        client: ModbusTcpClient | ModbusSerialClient
        if self._address.host:
            client = ModbusTcpClient(self._address.host, port=self._address.port or 502, timeout=_TIMEOUT_S)
        else:
            client = ModbusSerialClient(self._address.path, baudrate=self._baud, timeout=_TIMEOUT_S)
        read = client.read_holding_registers if self._kind == "holding" else client.read_input_registers
        try:
            if not client.connect():
                raise Lost(f"{self._address.text} does not answer")
            while True:
                answer = read(self._register, count=self._words, device_id=self._unit)
                if answer.isError():
                    raise Lost(f"{self._address.text} answers {answer}")
                yield join_words(answer.registers, high_first=self._high_first)
                time.sleep(self._every_s)
        except ModbusException as error:
            raise Lost(f"{self._address.text}: {error}") from error
        finally:
            client.close()  # type: ignore[no-untyped-call]  # the package has types everywhere else


def join_words(words: Sequence[int], *, high_first: bool) -> int:
    """Return the number that registers of 16 bits hold together.

    >>> join_words([1, 2], high_first=True), join_words([1, 2], high_first=False)
    (65538, 131073)
    """
    number = 0
    for word in words if high_first else reversed(words):
        number = number << 16 | word
    return number
