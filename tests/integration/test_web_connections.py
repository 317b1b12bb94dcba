"""Connections to the web process: many silent ones end, and keep no person out."""

import socket

from tests.integration.gateway_process import GatewayProcess
from tests.integration.web_process import WebProcess
from tests.servers import Mosquitto

SLOW = {
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: ",
    "half a second head": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET",
    "an empty line": b"\r\n",
    "half a body": b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20\r\n\r\nname=",
}


def connect(web: WebProcess, words: bytes = b"") -> socket.socket:
    """Open a connection, and say something."""
    made = socket.create_connection(("127.0.0.1", web.port), timeout=60)
    made.sendall(words)
    return made


def rest(connection: socket.socket) -> str:
    """Read until the other side closes."""
    said = b""
    while part := connection.recv(65_536):
        said += part
    connection.close()
    return said.decode()


def test_many_silent_connections_end_and_keep_no_person_out(mosquitto: Mosquitto) -> None:
    with GatewayProcess(mosquitto.url) as gateway, WebProcess(gateway.config) as web:
        web.add_user().start()
        slow = {what: connect(web, words) for what, words in SLOW.items()}
        silent = [connect(web) for _ in range(256 - len(slow))]
        refused = rest(connect(web))
        assert "429 Too Many Requests" in refused
        assert "too many connections of this address" in refused
        for each in silent:
            assert "408 Request Timeout" in rest(each)
        for what, each in slow.items():
            assert ("200 OK" if "second" in what else "408 Request Timeout") in rest(each), what
        head = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        assert "431 Request Header" in rest(connect(web, head + b"X-Long: " + b"x" * 70_000))
        assert rest(connect(web, head + b"Connection: close\r\n\r\n")).endswith("ok\n")
