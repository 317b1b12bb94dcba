"""The form of the configuration's sections; those of other publishers' messages, of web pages and of boards."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, Self, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from devices.messages import MAX_FOREIGN
from devices.sources.source import ForeignSource, Kind, MapRow
from gateway.backflush.plant.schedules import parse_age
from gateway.files import read_secret

A_YEAR_S = 365 * 86_400
LineVerb = Literal["run-start", "run-stop", "post", "reverse", "work", "window-close", "hold", "release"]
"""The requests that are of one line."""
GatewayVerb = Literal[
    "backlog-retry",
    "backlog-correct",
    "backlog-close",
    "quarantine-replay",
    "quarantine-dismiss",
    "period",
    "devices",
    "import",
]
"""The requests that may be of several lines, or of a plant."""
Verb = Literal[LineVerb, GatewayVerb]
LINE_VERBS: Final[frozenset[str]] = frozenset(get_args(LineVerb))
GATEWAY_VERBS: Final[frozenset[str]] = frozenset(get_args(GatewayVerb))
_SIZES = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?b?)", re.IGNORECASE | re.ASCII)


def parse_size(value: object) -> object:
    """Read a number of bytes such as `512MB`."""
    if isinstance(value, bool):
        raise ValueError("expected a size such as 512MB, got yes or no")  # noqa: TRY004 - pydantic reports only ValueErrors
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value.strip())
    unit = match.group(2).lower() if match else "?"
    unit = unit if unit in _SIZES else f"{unit}b"
    if match is None or unit not in _SIZES:
        raise ValueError(f"expected a size such as 512MB, got {value!r}")
    return int(float(match.group(1)) * _SIZES[unit])


def _age(value: object) -> object:
    """Read a time such as `36h` as seconds; 0 is never."""
    if not isinstance(value, str):
        return value
    seconds = parse_age(value)
    if seconds is None:
        raise ValueError(f"expected a time such as 90s, 30min, 36h or 3d, or 0 for never, got {value!r}")
    return seconds


Age = Annotated[int, Field(ge=0, le=100 * A_YEAR_S), BeforeValidator(_age)]


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, and no value is shown in one."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _printable(cls, value: object) -> object:
        """Refuse NUL, line ends and the like: no path, login, topic or log line may hold them."""
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and not text.isprintable():
                raise ValueError("expected text without control characters and other invisible ones")
        return value


class MapSection(Section):
    """A row of a source: which device a topic and tag are."""

    device: str
    tag: str = ""
    topic: str = ""
    kind: Kind = ""


class SourceSection(Section):
    """Messages of another publisher: `devices.sources`."""

    filter: str
    decoder: str
    qos: Literal[0, 1] = 1
    max_bytes: Annotated[int, Field(ge=1, le=MAX_FOREIGN), BeforeValidator(parse_size)] = MAX_FOREIGN
    host: str = ""
    username: str = ""
    password_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    """The login of the host application, which has a connection of its own."""
    answers: str = ""
    """For `proglove` alone: the topic of commands to its scanners."""
    expressions: dict[str, str] = {}
    map: list[MapSection] = Field([], max_length=20_000)

    def secret(self) -> str | None:
        """Return the password of the host application; None if there is none."""
        return read_secret(self.password_file, "source.password_file") if self.password_file is not None else None

    @property
    def has_login(self) -> bool:
        """Return whether it names a login."""
        return bool(self.username or self.password_file or self.cert_file or self.key_file)

    @property
    def source(self) -> ForeignSource:
        """It as the value that is judged, and read by."""
        rows = tuple(MapRow(row.device, row.tag, row.topic, row.kind) for row in self.map)
        expressions = tuple(self.expressions.items())
        return ForeignSource(self.filter, self.decoder, rows, self.qos, self.max_bytes, self.host, expressions)


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's own loopback.

    >>> is_loopback("localhost"), is_loopback("127.0.0.1"), is_loopback("[::1]"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    name = host.strip("[]")
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


class WebSection(Section):
    """The web process: its address, its login at the broker, its sessions."""

    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(8765, ge=0, le=65_535)
    cert_file: Path | None = None
    key_file: Path | None = None
    public_url: str = ""
    """The address that people type; needed beyond loopback."""
    proxy: list[str] = Field([], max_length=20)
    """The addresses of proxies whose X-Forwarded headers count."""
    mqtt_username: str = "bf-web"
    mqtt_password_file: Path | None = None
    allow_requests: list[Verb] = Field([])
    """The requests that the gateway takes on a socket of the web process alone; without any there is none."""
    socket: Path | None = None
    """That socket; by default `web.sock` in the data directory."""
    session_idle: Age = 12 * 3600
    session_longest: Age = 7 * 86_400
    language: Literal["en", "de"] = "en"
    """The language of pages for browsers that ask for no known one."""
    metrics: Literal["token", "loopback", "off"] = "token"
    """The readers of `/metrics`: programs with a token, those of this machine as well, or none."""

    @model_validator(mode="after")
    def _is_protected(self) -> Self:
        """Refuse an address beyond loopback that anybody on the way could read."""
        said = urlsplit(self.public_url)
        if self.public_url and not (said.scheme in ("http", "https") and said.hostname and said.path in ("", "/")):
            raise ValueError("public_url: expected an address such as https://boards.example:8765")
        if said.scheme == "http" and not is_loopback(said.hostname or ""):
            raise ValueError("public_url: expected https:// beyond loopback, got http://")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("expected cert_file and key_file together")
        for address in self.proxy:
            try:
                ip_address(address)
            except ValueError:
                raise ValueError(f"proxy: expected addresses such as 10.0.0.7, got {address!r}") from None
        if not is_loopback(self.host):
            if self.cert_file is None and not self.proxy:
                raise ValueError(f"host {self.host!r} is not loopback: expected cert_file and key_file, or a proxy")
            if not self.public_url:
                raise ValueError(
                    f"host {self.host!r} is not loopback: expected public_url, the address that people type"
                )
        return self


class IdleLimit(NamedTuple):
    """How long a line may count nothing before it stands."""

    takts: int
    least_s: int


_PATIENCE = re.compile(r"(?:(?P<takts>[1-9]\d{0,3}) takts?, )?(?P<least>\d{1,5}) ?s at least")


class BoardSection(Section):
    """The limits of the states of lines on boards."""

    behind_percent: int = Field(5, ge=0, le=100)
    behind_least: int = Field(5, ge=0, le=1_000_000)
    """A line is behind its plan if it lacks more than this percentage and more than this number of pieces."""
    stopped_after: str = "5 takts, 120s at least"
    page_every: Age = 12
    """Seconds between two pages of a wall, if one cannot show all lines."""

    @field_validator("stopped_after")
    @classmethod
    def _readable(cls, value: str) -> str:
        if _PATIENCE.fullmatch(value) is None:
            raise ValueError(f"expected a time such as `5 takts, 120s at least` or `90s at least`, got {value!r}")
        return value

    @property
    def idle_limit(self) -> IdleLimit:
        """The time without a count after which a line is stopped."""
        found = _PATIENCE.fullmatch(self.stopped_after)
        assert found is not None
        return IdleLimit(int(found["takts"] or 0), int(found["least"]))
