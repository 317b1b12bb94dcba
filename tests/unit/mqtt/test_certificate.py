"""Certificates say when they end; the law is what OpenSSL says of the same file."""

import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.mqtt.certificate import SOON_S, ending, ends_in
from tests.integration.shipped_broker import Authority

A_DAY_S = 86_400


def by_openssl(file: Path) -> float:
    said = subprocess.run(["openssl", "x509", "-enddate", "-noout", "-in", file], check=True, capture_output=True)
    return ssl.cert_time_to_seconds(said.stdout.decode().strip().removeprefix("notAfter="))


@pytest.mark.parametrize("days", [-1, 60, 15_000])
def test_the_end_of_a_certificate_is_what_openssl_says(tmp_path: Path, days: int) -> None:
    """The last one ends after 2049, from when on years have four digits."""
    authority = Authority(tmp_path / "certs")
    own = authority.issue("gateway", days=days)
    both = own.file.read_text() + authority.ca_file.read_text()
    assert [end.timestamp() for end in ends_in(both)] == [by_openssl(own.file), by_openssl(authority.ca_file)]


def test_of_authorities_the_last_end_counts_and_of_a_chain_the_first(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "certs")
    both = tmp_path / "both"
    both.write_text(authority.issue("a", days=10).file.read_text() + authority.ca_file.read_text())
    [first, last] = (end.timestamp() for end in ends_in(both.read_text()))
    for days_before, soon in ((SOON_S // A_DAY_S + 1, []), (SOON_S // A_DAY_S - 1, ["mqtt.cert_file"])):
        assert [end.setting for end in ending(first - days_before * A_DAY_S, both, both)] == soon
    assert [(end.setting, end.over) for end in ending(last - A_DAY_S, both, both)] == [
        ("mqtt.ca_file", False),
        ("mqtt.cert_file", True),
    ]
    over = ending(last + 1, both, None)
    day = datetime.fromtimestamp(last, UTC).date()
    assert [str(end) for end in over] == [f"mqtt.ca_file: the certificate in {both} ended on {day}"]


UNREADABLE = {
    "none": "",
    "no base64": "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    "no certificate": "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n",
    "cut": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_holds_no_certificate_is_told_by_the_connection_and_not_here(tmp_path: Path, text: str) -> None:
    file = tmp_path / "file"
    file.write_text(text)
    assert ending(0.0, file, tmp_path / "missing") == []
