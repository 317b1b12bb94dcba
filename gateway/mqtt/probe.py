"""Probes of a broker: does it admit any client, and does it admit a login? Each is a connection of its own.

The client id is random: one in use would disconnect its owner.
"""

import asyncio
import contextlib
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Final

from gateway.mqtt.broker import Address, Broker, tls_of
from gateway.mqtt.wire.link import Hello, WrongVersion, visit

TIMEOUT_S: Final = 5.0
_CONNECT: Final = b"\x00\x04MQTT\x04\x02\x00\x0a"
"""MQTT 3.1.1, a clean session, no login, no will; the client id follows."""
_CONNACK: Final = 0x20
_DISCONNECT: Final = b"\xe0\x00"


async def lets_anybody_in(address: Address, ca_file: Path | None) -> bool:
    """Return whether the broker accepts a client without a login; any failure is a no."""
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(TIMEOUT_S):
            tls = tls_of(ca_file) if address.tls else None
            reader, writer = await asyncio.open_connection(address.host, address.port, ssl=tls)
            try:
                name = f"bf-probe-{secrets.token_hex(6)}".encode()
                body = _CONNECT + len(name).to_bytes(2, "big") + name
                writer.write(bytes((0x10, len(body))) + body)
                answer = await reader.readexactly(4)
                writer.write(_DISCONNECT)
                return answer[0] == _CONNACK and answer[3] == 0
            finally:
                writer.close()
                with contextlib.suppress(OSError, TimeoutError):
                    await writer.wait_closed()
    return False


async def try_login(broker: Broker) -> None:
    """Connect once with a login. Raises BrokerUnavailable if the broker refuses it.

    Some brokers take the login for the client id. The session is the owner's then: it goes on, and keeps its messages,
    because none is acknowledged. A session that is new is dropped.
    """
    tried = replace(broker, client_id=f"bf-probe-{secrets.token_hex(6)}", receive_maximum=1)
    version5 = broker.protocol != "3.1.1"
    try:
        terms = await visit(Hello(tried, version5))
    except WrongVersion:
        if broker.protocol != "auto":
            raise
        version5 = False
        terms = await visit(Hello(tried, version5))
    if not terms.session_present:
        await visit(Hello(replace(tried, session_expiry_s=0), version5, clean=True))
