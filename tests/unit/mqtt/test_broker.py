"""Where the broker is, when its certificate ends, and when reading pauses."""

import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import UsageError
from gateway.mqtt.broker import Address, Broker
from gateway.mqtt.certificate import SOON_S, ending, ends_in
from gateway.mqtt.wire.backpressure import Unacknowledged
from tests.integration.shipped_broker import Authority


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://broker.example", Address("broker.example", 1883, tls=False)),
        ("mqtts://broker.example", Address("broker.example", 8883, tls=True)),
        ("mqtt://127.0.0.1:45678", Address("127.0.0.1", 45678, tls=False)),
        ("mqtts://[::1]:8884", Address("::1", 8884, tls=True)),
    ],
)
def test_a_url_names_the_broker(url: str, address: Address) -> None:
    assert Address.parse(url) == address
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "broker.example",
        "http://broker.example",
        "tcp://broker.example:1883",
        "mqtt://",
        "mqtt://:1883",
        "mqtt://broker.example:0",
        "mqtt://broker.example:70000",
        "mqtt://broker.example:x",
        "mqtt://broker.example/path",
        "mqtt://broker.example?x=1",
        "mqtt://broker.example#x",
    ],
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="broker: expected"):
        Address.parse(url)


@pytest.mark.parametrize("url", ["mqtt://gw:s3cret@broker.example", "http://gw:s3cret@b", "mqtt://gw:s3cret@b:x/#"])
def test_a_login_in_the_url_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Address.parse(url)
    assert "s3cret" not in str(caught.value)


def test_a_broker_never_shows_its_password() -> None:
    broker = Broker(Address.parse("mqtts://broker.example"), "gw", username="gw", password="s3cret", key_file=Path("k"))
    assert "s3cret" not in repr(broker)


MEBIBYTE = 1024 * 1024


def test_held_deliveries_are_counted_down_by_chunks() -> None:
    #        deliveries, bytes (None: acknowledged), full afterwards
    table: list[tuple[int, int | None, bool]] = [
        (16_000, 1_000, False),
        (400, 1_000, True),
        (10, None, True),
        (10, None, False),
        (1, 4 * MEBIBYTE, True),
        (16_380, None, True),
        (1, None, False),
        (5, None, False),
        (20, 3 * MEBIBYTE, False),
        (20, 2 * MEBIBYTE, True),
        (19, None, True),
        (1, None, False),
    ]
    held = Unacknowledged()
    for row, (deliveries, size, full) in enumerate(table):
        if size is None:
            held.drop(deliveries)
        else:
            held.add(deliveries, size)
        assert (row, held.full) == (row, full)


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
    files = {"mqtt.ca_file": both, "mqtt.cert_file": both}
    [first, last] = (end.timestamp() for end in ends_in(both.read_text()))
    for days_before, soon in ((SOON_S // A_DAY_S + 1, []), (SOON_S // A_DAY_S - 1, ["mqtt.cert_file"])):
        assert [end.setting for end in ending(first - days_before * A_DAY_S, files)] == soon
    assert [(end.setting, end.over) for end in ending(last - A_DAY_S, files)] == [
        ("mqtt.ca_file", False),
        ("mqtt.cert_file", True),
    ]
    over = ending(last + 1, {"mqtt.ca_file": both})
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
    assert ending(0.0, {"mqtt.ca_file": file, "source.0.cert_file": tmp_path / "missing"}) == []
