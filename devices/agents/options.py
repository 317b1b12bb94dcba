"""The options of an agent: those of the command line, over those of a small TOML file with the same names."""

import argparse
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import urlsplit

from devices.agents.counter import TOTALS
from devices.messages import check_place
from devices.uplinks import BrokerAccess

_MOST_BYTES: Final = 1 << 16
_REQUIRED: Final = "plant", "line", "device", "input"
_PATIENCE_S: Final = 5.0


class _Parser(argparse.ArgumentParser):
    """Tells a fault in one line."""

    def error(self, message: str) -> NoReturn:
        """End the program with status 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}; --help explains the options\n")


def counter_options(program: str) -> argparse.ArgumentParser:
    """Return the options of `backflush-counter`."""
    parser = _options(
        program,
        "Counts pieces, and sends the gateway its totals.",
        "gpio:CHIP?line=N, modbus://HOST?register=N, opc.tcp://HOST?node=ID, file:PATH, stdin:",
        f"{program} --plant 1000 --line L06 --device c-L06-good \\\n"
        "    --broker mqtts://broker.example:8883 --password-file password \\\n"
        "    --input 'gpio:/dev/gpiochip0?line=17&edge=falling&bias=pull-up&debounce_ms=5'",
    )
    parser.add_argument("--total", choices=TOTALS, default="good", help="what is counted (default: %(default)s)")
    parser.add_argument(
        "--every", type=seconds, default=1.0, metavar="S",
        help="the seconds between two totals that differ; 0: each reading (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--alive", type=seconds, default=60.0, metavar="S",
        help="the seconds until a total is sent again that has not changed (default: %(default)s)",
    )  # fmt: skip
    return parser


def scanner_options(program: str) -> argparse.ArgumentParser:
    """Return the options of `backflush-scanner`."""
    parser = _options(
        program,
        "Sends the gateway scanned labels and cards, and shows its answers.",
        "keyboard:DEVICE?layout=us, serial:PORT?baud=9600, stdin:",
        f"{program} --plant 1000 --line _ --device s-roaming \\\n"
        "    --broker mqtts://broker.example:8883 --password-file password \\\n"
        "    --input 'keyboard:/dev/input/by-id/usb-Scanner-event-kbd?layout=de'",
    )
    parser.add_argument("--operator", type=name, default="", help="who scans, until a card names another")
    parser.add_argument("--point", type=name, default="", help="the reporting point that the scanner stands at")
    parser.add_argument(
        "--repeat", type=seconds, default=10.0, metavar="S",
        help="the seconds until a scan without answer is sent again, more each time (default: %(default)s)",
    )  # fmt: skip
    return parser


def read_options(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of command line and file; faults end the program with status 2."""
    file = _Parser(parser.prog, add_help=False, allow_abbrev=False)
    file.add_argument("--config", type=Path)
    path: Path | None = file.parse_known_args(arguments)[0].config
    # As words of the command line, before its own: they are checked alike, and its own come last.
    words = [*_read_file(parser, path), *arguments] if path else arguments
    options = parser.parse_args(words)
    missing = [name for name in _REQUIRED if not getattr(options, name)]
    if missing:
        parser.error(f"expected {', '.join(f'--{name}' for name in missing)}, got none")
    try:
        _check(options)
    except ValueError as error:
        parser.error(str(error))
    options.store = options.store or Path(options.device)
    return options


def broker_of(options: argparse.Namespace) -> BrokerAccess:
    """Return the broker and the agent's login there; OSError if a file of it cannot be used."""
    password = options.password_file.read_text(encoding="utf-8").strip() if options.password_file else None
    broker = BrokerAccess(
        url=options.broker,
        base=options.base,
        client_id=options.device,
        username=options.username or (options.device if password is not None else None),
        password=password,
        ca_file=options.ca_file,
        cert_file=options.cert_file,
        key_file=options.key_file,
        patience_s=_PATIENCE_S,
    )
    if broker.url.startswith("mqtts:"):
        broker.tls()
    return broker


def _options(program: str, text: str, inputs: str, example: str) -> argparse.ArgumentParser:
    parser = _Parser(
        program,
        description=text,
        epilog=f"Example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--config", type=Path, metavar="FILE", help="a TOML file with options by their long names")
    add("--plant", help="the plant of the device")
    add("--line", help="its line; _ for a roaming scanner")
    add("--device", help="its id, which is its login and client id as well")
    add("--input", metavar="ADDRESS", help=f"its input: {inputs}")
    add("--store", type=Path, metavar="DIR", help="a folder of its own, on a local disk (default: the device's id)")
    add("--broker", default="mqtt://127.0.0.1:1883", metavar="URL", help="the broker (default: %(default)s)")
    add("--base", default="bf/v1", metavar="TOPIC", help="the gateway's base topic (default: %(default)s)")
    add("--username", help="another login than the device's id")
    add("--password-file", type=Path, metavar="FILE", help="the password of the login")
    add(
        "--ca-file",
        metavar="FILE",
        help="the authorities for the broker's certificate, with mqtts (default: the system's)",
    )
    add("--cert-file", metavar="FILE", help="the device's certificate, with mqtts")
    add("--key-file", metavar="FILE", help="the key of the certificate")
    return parser


def _check(options: argparse.Namespace) -> None:
    check_place(options.plant, options.line, options.device)
    try:
        address = urlsplit(options.broker)
        is_right = address.scheme in ("mqtt", "mqtts") and address.username is None and address.hostname
        is_right = is_right and address.port != 0
    except ValueError:
        is_right = False
    if not is_right:
        # Not shown: it may hold a password.
        raise ValueError("--broker: expected an address like mqtt://host:1883, without a login, got another one")


def _read_file(parser: argparse.ArgumentParser, path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            said = tomllib.loads(file.read(_MOST_BYTES).decode())
    except (OSError, ValueError) as error:
        parser.error(f"--config: {path} cannot be read: {error}")
    known = vars(parser.parse_args([])).keys() - {"config"}
    unknown = [name for name in said if name.replace("-", "_") not in known]
    if unknown:
        parser.error(f"--config: {path}: there is no option {', '.join(unknown)}")
    return [f"--{name.replace('_', '-')}={value}" for name, value in said.items()]


def name(text: str) -> str:
    """Read the name of an operator or a point, as a telegram may have it."""
    if re.fullmatch(r"[A-Za-z0-9_.-]{0,40}", text) is None:
        raise argparse.ArgumentTypeError(f"expected at most 40 of A-Z a-z 0-9 _ . -, got {text}")
    return text


def seconds(text: str) -> float:
    """Read a number of seconds, at most a day."""
    number = float(text)
    if not 0 <= number <= 86_400:  # noqa: PLR2004 - a day
        raise argparse.ArgumentTypeError(f"expected 0 to 86400 seconds, got {text}")
    return number
