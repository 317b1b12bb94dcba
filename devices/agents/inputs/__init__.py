"""Inputs of agents, by the scheme of their address: `gpio:/dev/gpiochip0?line=17`, `serial:/dev/ttyACM0`.

Each input is a module that is imported when it is chosen, so that only its own library has to be installed.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Final, NamedTuple, Protocol, cast
from urllib.parse import parse_qsl, urlsplit


class Lost(Exception):
    """The input cannot be read at the moment; it is opened again."""


class InputSource(Protocol):
    """One input."""

    pulses: bool
    """Whether its values are numbers of pulses; else they are totals, or texts."""

    def values(self) -> Iterator[int | str]:
        """Open it and yield its values, blocking, until it ends; `Lost` or OSError if it cannot be read."""


class Kind(NamedTuple):
    """One kind of input."""

    module: str
    name: str
    """The class in the module."""
    package: str = ""
    """The package of its library."""


COUNTERS: Final = {
    "gpio": Kind("gpio", "GpioLine", "gpiod"),
    "modbus": Kind("modbus", "ModbusRegister", "pymodbus"),
    "opc.tcp": Kind("opcua", "OpcNode", "asyncua"),
    "file": Kind("numbers", "NumberLines"),
    "stdin": Kind("numbers", "NumberLines"),
}
SCANNERS: Final = {
    "keyboard": Kind("keyboard", "WedgeScanner"),
    "serial": Kind("serial_line", "SerialScanner", "pyserial"),
    "stdin": Kind("texts", "TextLines"),
}


class InputAddress(NamedTuple):
    """The parts of an input's address; options that no input takes are refused."""

    text: str
    scheme: str
    host: str
    port: int | None
    path: str
    options: dict[str, str]

    def word(self, name: str, default: str, *choices: str) -> str:
        """Take an option that is a word, one of the choices if there are any."""
        value = self.options.pop(name, default)
        if choices and value not in choices:
            raise ValueError(f"{name}: expected {', '.join(choices)}, got {value}")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """Take an option that is a number of at least 0; without a default it is required."""
        value = self.options.pop(name, None)
        try:
            number = float(value) if value is not None else default
        except ValueError:
            number = -1
        if number is None or not 0 <= number < 1 << 32:
            raise ValueError(f"expected {name}=NUMBER in the address, got {value or 'none'}")
        return number

    def whole(self, name: str, default: int | None = None) -> int:
        """Take an option that is a whole number."""
        number = self.number(name, default)
        if number % 1:
            raise ValueError(f"{name}: expected a whole number, got {number}")
        return int(number)


def open_input(text: str, kinds: dict[str, Kind]) -> InputSource:
    """Return the input of an address; ValueError if the address is wrong, or if a package is missing."""
    address = read_address(text)
    kind = kinds.get(address.scheme)
    if kind is None:
        raise ValueError(
            f"expected an address that begins with {', '.join(f'{name}:' for name in kinds)}, got {address.scheme}:"
        )
    try:
        module = import_module(f"devices.agents.inputs.{kind.module}")
    except ModuleNotFoundError as error:
        raise ValueError(
            f"{address.scheme} needs the package {kind.package}, which is not installed ({error.name}): "
            f"pip install {kind.package}"
        ) from None
    source = cast("InputSource", getattr(module, kind.name)(address))
    if address.options:
        raise ValueError(f"{address.scheme} has no {', '.join(address.options)}")
    return source


def read_address(text: str) -> InputAddress:
    """Take an address apart."""
    try:
        parts = urlsplit(text if ":" in text else f"{text}:")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        # Not shown: an address may hold a password.
        raise ValueError("expected a host and a port from 1 to 65535 in the address, got others") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    return InputAddress(text, parts.scheme, host, port, parts.path, options)
