"""A certificate's end, read from its file: Python's `ssl` gives it only for authorities and peers.

A PEM certificate is base64 of DER (X.690), and its dates are at a fixed place (RFC 5280, 4.1):

    Certificate ::= SEQUENCE { tbs SEQUENCE { [0] version OPTIONAL, serial, algorithm, issuer,
                                              validity SEQUENCE { notBefore Time, notAfter Time }, ... }, ... }

Nothing else of it is read or trusted: only the handshake decides whether a certificate is valid.
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from gateway.errors import UsageError
from gateway.files import read_text

SOON_S: Final = 30 * 86_400
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_SEQUENCE, _VERSION, _UTC_TIME, _TIME = 0x30, 0xA0, 0x17, 0x18
_BEFORE_VALIDITY: Final = 3
"""Serial number, algorithm and issuer."""


class Ending(NamedTuple):
    """A configured certificate that expires soon, or has expired."""

    setting: str
    path: Path
    at: datetime
    over: bool

    def __str__(self) -> str:
        return (
            f"{self.setting}: the certificate in {self.path} {'ended' if self.over else 'ends'} on {self.at:%Y-%m-%d}"
        )


def ending(now: float, files: Mapping[str, Path]) -> list[Ending]:
    """Return the certificates that expire within 30 days of `now` (seconds UTC), or have expired; `files` by setting.

    Of several authorities the last to expire counts, because one is enough; of a chain the first. Unreadable files are
    not reported here: no connection is possible with them.
    """
    found = []
    for setting, path in files.items():
        try:
            ends = ends_in(read_text(path, setting))
        except (UsageError, ValueError):
            continue
        choose = max if setting.endswith("ca_file") else min
        if ends and (at := choose(ends)).timestamp() < now + SOON_S:
            found.append(Ending(setting, path, at, at.timestamp() <= now))
    return found


def ends_in(text: str) -> list[datetime]:
    """Return the end of each certificate of a PEM text; ValueError for any other text."""
    try:
        return [_end(ssl.PEM_cert_to_DER_cert(pem)) for pem in _PEM.findall(text)]
    except (IndexError, StopIteration) as error:
        raise ValueError("certificate: expected more of it, got its end") from error


def _end(der: bytes) -> datetime:
    [(_, certificate)] = _parts(der)
    _, tbs = next(_parts(certificate))
    fields = _parts(tbs)
    tag, _ = next(fields)
    for _ in range(_BEFORE_VALIDITY - (tag != _VERSION)):
        next(fields)
    tag, validity = next(fields)
    if tag != _SEQUENCE:
        raise ValueError(f"certificate: expected its validity, got a value of tag {tag}")
    _, (tag, until) = _parts(validity)
    # A year of two digits is 1950 to 2049 (RFC 5280, 4.1.2.5.1), for Python 1969 to 2068.
    text = until.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    elif tag != _TIME:
        raise ValueError(f"certificate: expected a time, got a value of tag {tag}")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _parts(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and content of each value in a DER value."""
    at = 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(der[at : at + size]), at + size
        yield tag, der[at : at + length]
        at += length
