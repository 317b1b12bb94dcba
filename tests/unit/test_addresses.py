"""What is told of an address never holds a password, wherever a person has put it."""

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.addresses import has_password, of_file, public
from gateway.errors import UsageError
from gateway.ledger.database.connection import database_url
from gateway.mqtt.broker import Address

SECRET = "Zeisig7"
SCHEMES = ["mqtt", "mqtts", "postgresql", "postgresql+psycopg", "postgres"]
BEGINNINGS = [*(f"{scheme}://" for scheme in SCHEMES), "", "mqtt:/", "mqtt:", "//", "host="]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("mqtt://broker.example:1883", "mqtt://broker.example:1883"),
        ("mqtts://[::1]:8884/", "mqtts://[::1]:8884/"),
        ("sqlite:////var/lib/a b/ledger@home.sqlite", "sqlite:////var/lib/a b/ledger@home.sqlite"),
        ("postgresql://bf:geheim@db:5432/ledger", "postgresql://bf:***@db:5432/ledger"),
        ("postgresql://bf@db/ledger?host=/run/pg&sslmode=require", "postgresql://bf@db/ledger?host=/run/pg&sslmode=require"),
        ("postgresql://bf@db/ledger?sslpassword=x&sslmode=require", "postgresql://bf@db/ledger?***&sslmode=require"),
        ("mqtt://gw:geheim", "mqtt://***"),
        ("gw:geheim@broker", "***"),
        ("", "***"),
    ],
)  # fmt: skip
def test_what_is_no_secret_is_told(address: str, shown: str) -> None:
    assert public(address) == shown
    assert has_password(address) == (bool(address) and shown != address)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from("?%#&=@:;/ "), min_size=1))
def test_a_ledger_lies_where_its_file_is_whatever_that_is_called(name: str) -> None:
    path = Path("/data", name.replace("/", "%2F"), "ledger.sqlite").absolute()
    assert database_url(of_file(path)).database == str(path)
    assert public(of_file(path)) == of_file(path)


def test_a_ledger_s_file_has_no_options() -> None:
    with pytest.raises(UsageError, match=r"without options; a [?] of a file's name is written %3F"):
        database_url("sqlite:////data/a?b/ledger.sqlite")


rubbish = st.text("a:/@?#[]%&=;\\ \n1.", max_size=6)


def said(read: Callable[[str], object], address: str) -> str:
    """Return all that is told when an address is refused."""
    try:
        read(address)
    except UsageError as error:
        return "".join(traceback.format_exception(error))
    return ""


@given(st.sampled_from(BEGINNINGS), rubbish, rubbish)
def test_no_address_shows_its_password_however_wrong_it_is(scheme: str, before: str, after: str) -> None:
    # After a user's colon, in an option or a fragment; where else a password stands it reads like a host or a file.
    for address in (f"{scheme}{before}u:{SECRET}{after}@h/d", f"{scheme}{before}?password={SECRET}{after}",
                    f"{scheme}{before}#{SECRET}{after}", f"{scheme}{before}u:{SECRET}"):  # fmt: skip
        assert SECRET not in public(address), address
        for read in (Address.parse, database_url):
            assert SECRET not in said(read, address), address


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://bf%3A{SECRET}@h/d",
        f"postgresql://h/bf:{SECRET}@d",
        f"postgresql://bf\t{SECRET}@h/d",
        f"postgresql://bf@h {SECRET}/d",
        f"postgresql://h/d;password={SECRET}",
        f"postgresql://h/d#{SECRET}",
        f"postgresql://bf@h/d?pass={SECRET}",
        f"postgresql://bf@h/d?PASSWORD={SECRET}",
        f"postgresql+{SECRET}://h/d",
        f"sqlite://bf:{SECRET}@h/d",
    ],
)
def test_a_database_is_not_asked_where_its_password_stands_in_a_wrong_place(address: str) -> None:
    # A server or a driver would tell what it was given for a user, a database or an option.
    with pytest.raises(UsageError, match="database url: expected") as caught:
        database_url(address)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("address", ["postgresql://bf app 1@h/d", "postgresql://bf%20app%201@h/d"])
def test_a_space_in_a_role_or_a_database_is_no_password(address: str) -> None:
    # Both are names that PostgreSQL takes, and the first is how SQLAlchemy itself writes them.
    assert database_url(address).username == "bf app 1"
    assert database_url(address.replace("/d", "/the ledger")).database == "the ledger"
