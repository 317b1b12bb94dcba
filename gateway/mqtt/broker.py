"""Where the broker is, and how this gateway introduces itself to it."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, Self
from urllib.parse import urlsplit

from gateway.errors import UsageError

Protocol = Literal["auto", "5", "3.1.1"]

_PORTS = {"mqtt": 1883, "mqtts": 8883}


class Will(NamedTuple):
    """What the broker publishes for us when it loses us."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = True


class Address(NamedTuple):
    """Where the broker listens."""

    host: str
    port: int
    tls: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL such as `mqtts://broker.example:8883`. Raises UsageError.

        >>> Address.parse("mqtt://127.0.0.1")
        Address(host='127.0.0.1', port=1883, tls=False)
        """
        public = _without_login(url)
        if public != url:
            raise UsageError(f"broker: expected the login in settings of its own, got one inside the URL of {public!r}")
        try:
            parts = urlsplit(url)
            port = _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
        except ValueError as error:
            raise UsageError(f"broker: expected a port from 1 to 65535, got {url!r}") from error
        if not port or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise UsageError(f"broker: expected mqtt://host[:port] or mqtts://host[:port], got {url!r}")
        if parts.scheme not in _PORTS:
            raise UsageError(f"broker: expected mqtt:// or mqtts://, got {url!r}")
        return cls(parts.hostname, port, parts.scheme == "mqtts")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Broker:
    """The broker's address, and the identity, session and limits that are asked of it."""

    address: Address
    client_id: str
    """Fixed, so that the broker finds the session again; a second connection with it throws the first one out."""
    protocol: Protocol = "auto"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    session_expiry_s: int = 1_209_600
    receive_maximum: int = 65_535
    keepalive_s: int = 30
    ca_file: Path | None = None
    """Instead of the system's authorities."""
    cert_file: Path | None = None
    key_file: Path | None = None

    def tls_context(self) -> ssl.SSLContext | None:
        """Make the TLS side, None without TLS; the broker's certificate and name are always checked.

        Raises OSError for unusable files.
        """
        if not self.address.tls:
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file is not None:
            context.load_cert_chain(self.cert_file, self.key_file)
        return context


def _without_login(url: str) -> str:
    """Leave out what stands before an @: it may be a password, and messages are for everybody."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
