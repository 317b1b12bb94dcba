"""Addresses without secrets: a broker's or a database's URL may hold a password, and messages are public.

The idea: the password in a malformed address cannot be located, so only its scheme is shown. A well-formed address is
shown except for the places of passwords and the values of unknown options.
"""

import re
from pathlib import Path
from typing import Final

HIDDEN: Final = "***"
_SCHEME: Final = re.compile(r"(mqtts?|sqlite(?:\+pysqlite)?|postgres(?:ql)?(?:\+psycopg)?)://(.*)", re.DOTALL)
_SERVER: Final = re.compile(
    r"(?:(?P<user>[^\s:/@%?#;=]*)(?P<password>:[^@]*)?@)?"
    r"(?P<place>(?:[\w.-]*|\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\])(?::[0-9]{1,5})?(?:/[^:@#?;=\r\n]*)?)"
    r"(?P<options>\?[^#\r\n]*)?"
)
_HARMLESS: Final = re.compile(
    r"(?:host|port|user|dbname|service|passfile|sslmode|sslrootcert|sslcert|sslkey|connect_timeout|application_name"
    r"|target_session_attrs|tcp_user_timeout|keepalives(?:_\w+)?)=[\w.,/~-]*"
)


def public(address: str) -> str:
    """Return an address without possible secrets.

    >>> public("postgresql+psycopg://bf:secret@db/ledger?sslmode=require")
    'postgresql+psycopg://bf:***@db/ledger?sslmode=require'
    >>> public("mqtt://gw:secret"), public("gw:secret@broker:1883")
    ('mqtt://***', '***')
    """
    known = _SCHEME.fullmatch(address)
    if known is None:
        return HIDDEN
    scheme, rest = known.groups()
    if scheme.startswith("sqlite"):
        file, sign, options = rest.partition("?")
        return f"{scheme}://{file}{sign}{_mask(options)}" if file[:1] in ("", "/") else f"{scheme}://{HIDDEN}"
    said = _SERVER.fullmatch(rest)
    if said is None or (scheme.startswith("mqtt") and "/" in said["place"].removesuffix("/")):
        return f"{scheme}://{HIDDEN}"
    login = f"{said['user']}{':' + HIDDEN if said['password'] else ''}@" if said["user"] is not None else ""
    options = said["options"] or ""
    return f"{scheme}://{login}{said['place']}{options[:1]}{_mask(options[1:])}"


def of_file(path: Path) -> str:
    """Return the address of a SQLite ledger with any file name: special characters are escaped.

    >>> of_file(Path("/data/50%/a?b/ledger.sqlite"))
    'sqlite:////data/50%25/a%3Fb/ledger.sqlite'
    """
    return "sqlite:///" + str(path.absolute()).replace("%", "%25").replace("?", "%3F")


def has_password(address: str) -> bool:
    """Return whether an address holds a password, or may hold one."""
    return bool(address) and public(address) != address


def _mask(options: str) -> str:
    """Show options whose values are no secrets; of others only the names."""
    each = options.split("&")
    return "&".join(option if not option or _HARMLESS.fullmatch(option) else HIDDEN for option in each)
