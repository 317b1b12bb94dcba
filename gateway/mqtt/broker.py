"""The broker's address, and this gateway's login, client id and will there."""

import os
import re
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple, Self

from gateway.addresses import public
from gateway.errors import UsageError
from gateway.files import small

Protocol = Literal["auto", "5", "3.1.1"]

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_LAST_PORT: Final = 65_535
_URL: Final = re.compile(r"(mqtts?)://(?:([\w.-]+)|\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\])(?::([0-9]{1,5}))?/?")


class Will(NamedTuple):
    """The broker's publication for us when it loses our connection."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = True


class Address(NamedTuple):
    """The broker's address."""

    host: str
    port: int
    tls: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL such as `mqtts://broker.example:8883`. Raises UsageError.

        >>> Address.parse("mqtt://127.0.0.1")
        Address(host='127.0.0.1', port=1883, tls=False)
        """
        if "@" in url:
            raise UsageError("broker: expected the login in settings of its own, got one inside the URL")
        said = _URL.fullmatch(url)
        if said is None:
            raise UsageError(
                f"broker: expected mqtt://host[:port] or mqtts://host[:port], got {public(url)!r}; what may be a "
                "password is not shown"
            )
        scheme, name, number, port = said.groups()
        if not 0 < int(port or _PORTS[scheme]) <= _LAST_PORT:
            raise UsageError(f"broker: expected a port from 1 to {_LAST_PORT}, got {public(url)!r}")
        return cls((name or number).lower(), int(port or _PORTS[scheme]), scheme == "mqtts")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Broker:
    """The broker's address, and our identity, session and limits there."""

    address: Address
    client_id: str
    """Fixed, so that the broker finds the session again; a second connection with it disconnects the first."""
    protocol: Protocol = "auto"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    session_expiry_s: int = 1_209_600
    receive_maximum: int = 65_535
    keepalive_s: int = 30
    ca_file: Path | None = None
    """In place of the system's authorities."""
    cert_file: Path | None = None
    key_file: Path | None = None

    @property
    def login(self) -> str:
        """The name by which the broker knows us."""
        return self.username or ("a client with a certificate" if self.cert_file else "a client without a login")

    def tls_context(self) -> ssl.SSLContext | None:
        """Make the TLS side, None without TLS; the broker's certificate and name are always checked.

        Raises OSError for unusable files.
        """
        if not self.address.tls:
            return None
        return tls_of(self.ca_file, self.cert_file, self.key_file)


def why_not(error: OSError) -> str:
    """Explain why there is no connection: a certificate that is not trusted, or the system's words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"shows a certificate that is not trusted here: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason:
        return f"cannot be reached over TLS: {error.reason.replace('_', ' ').lower()}"
    if isinstance(error, ConnectionError) and error.errno:
        return f"cannot be reached: {os.strerror(error.errno)}"
    named = error.strerror if isinstance(error, socket.gaierror) else ""
    return f"cannot be reached: {named or str(error) or 'no answer'}"


def tls_of(ca_file: Path | None, cert_file: Path | None = None, key_file: Path | None = None) -> ssl.SSLContext:
    """Make one side of TLS; OSError for unusable files, and for a key with a password: there is no prompt for it."""
    context = ssl.create_default_context(cafile=small(ca_file) if ca_file is not None else None)
    if cert_file is not None:
        key = small(key_file) if key_file is not None else None
        context.load_cert_chain(small(cert_file), key, password="")
    return context
