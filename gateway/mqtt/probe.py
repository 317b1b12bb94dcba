"""A probe for a broker that admits any client: a separate connection, without a login and with a random client id.

It disturbs no client: a client id in use would disconnect its owner.
"""

import asyncio
import contextlib
import secrets
from pathlib import Path
from typing import Final

from gateway.mqtt.broker import Address, tls_of

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
