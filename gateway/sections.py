"""The form of the configuration's sections, and those that describe the messages of other publishers."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from devices.messages import MAX_FOREIGN
from devices.sources.source import ForeignSource, Kind, MapRow
from gateway.files import read_secret

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
