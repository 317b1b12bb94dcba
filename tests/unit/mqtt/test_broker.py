"""Where the broker is, told in a URL; secrets never show."""

from pathlib import Path

import pytest

from gateway.errors import UsageError
from gateway.mqtt.broker import Address, Broker


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
