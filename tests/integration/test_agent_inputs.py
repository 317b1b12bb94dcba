"""The inputs of agents against the real thing: servers of Modbus and OPC UA, a serial line, a pipe of key events.

What cannot run everywhere is thin: the kernel's lines (`gpio`), and to grab a keyboard.
"""

import asyncio
import os
import pty
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

import pytest
from asyncua.sync import Server
from asyncua.ua import VariantType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from devices.agents.inputs import COUNTERS, SCANNERS, Kind, Lost, open_input
from tests.servers import free_port


def first(address: str, kinds: dict[str, Kind], number: int = 1) -> list[int | str]:
    """Return the first values of an input, and close it."""
    with closing(open_input(address, kinds).values()) as values:  # type: ignore[type-var]
        return list(islice(values, number))


@contextmanager
def modbus(*words: int) -> Iterator[int]:
    """Serve registers from 100 on, on a port that is free."""
    port = free_port()
    loop = asyncio.new_event_loop()
    registers = SimData(address=100, values=list(words), datatype=DataType.REGISTERS)

    async def serve() -> ModbusTcpServer:
        server = ModbusTcpServer(SimDevice(id=1, simdata=[registers]), address=("127.0.0.1", port))
        await server.serve_forever(background=True)
        return server

    server = loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(server.shutdown(), loop).result()  # type: ignore[no-untyped-call]
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.parametrize(
    ("words", "options", "total"),
    [
        ([7, 8], "words=1", 7),
        ([1, 2], "words=2", 65_538),
        ([1, 2], "words=2&order=little", 131_073),
        ([0, 0, 1, 2], "words=4", 65_538),
    ],
)
def test_a_register_is_read(words: list[int], options: str, total: int) -> None:
    with modbus(*words) as port:
        assert first(f"modbus://127.0.0.1:{port}?register=100&every_s=0&{options}", COUNTERS, 3) == [total] * 3


def test_a_register_that_is_not_there_is_lost() -> None:
    with modbus(1, 2) as port, pytest.raises(Lost, match="answers"):
        first(f"modbus://127.0.0.1:{port}?register=900", COUNTERS)
    with pytest.raises(Lost, match="does not answer"):
        first(f"modbus://127.0.0.1:{free_port()}?register=100", COUNTERS)


def test_a_node_is_read() -> None:
    server = Server()
    url = f"opc.tcp://127.0.0.1:{free_port()}/"
    server.set_endpoint(url)
    space = server.register_namespace("line")
    node = server.nodes.objects.add_variable(f"ns={space};s=Line.Counter", "Counter", 18_234, VariantType.UInt32)
    address = f"{url}?node=ns={space};s=Line.Counter&every_s=0"
    server.start()
    try:
        assert first(address, COUNTERS, 2) == [18_234, 18_234]
        node.write_value(18_235, VariantType.UInt32)
        assert first(address, COUNTERS) == [18_235]
        with pytest.raises(Lost, match="BadNodeIdUnknown"):
            first(address.replace("Line.Counter", "nothing"), COUNTERS)
    finally:
        server.stop()
    with pytest.raises((Lost, OSError)):
        first(address, COUNTERS)


def test_a_file_is_read_when_it_is_whole(tmp_path: Path) -> None:
    total = tmp_path / "total"
    total.write_text("18234\n")
    assert first(f"file:{total}?every_s=0", COUNTERS, 2) == [18_234, 18_234]
    for text in ("182", "", "none\n", "1\n2\n"):
        total.write_text(text)
        with pytest.raises(Lost, match="expected one line"):
            first(f"file:{total}", COUNTERS)


def test_a_serial_scanner_is_read() -> None:
    ours, theirs = pty.openpty()
    is_read = threading.Event()

    def scan() -> None:
        # Again and again: what came before the port was opened is dropped with it.
        while not is_read.wait(0.05):
            os.write(ours, b"]C1011076123\x1d10LOT\r\nBOX-2\r")

    scanner = threading.Thread(target=scan)
    scanner.start()
    try:
        scans = first(f"serial:{os.ttyname(theirs)}?baud=115200", SCANNERS, 2)
    finally:
        is_read.set()
        scanner.join()
        os.close(ours)
        os.close(theirs)
    assert set(scans) == {"]C1011076123\x1d10LOT", "BOX-2"}


def test_key_events_are_read(tmp_path: Path) -> None:
    event = struct.Struct("llHHi")
    presses = [(42, 1), (30, 1), (30, 0), (42, 0), (44, 1), (44, 0), (28, 1), (28, 0)]
    data = b"".join(
        event.pack(0, 0, 4, 4, 7) + event.pack(0, 0, 1, *press) + event.pack(0, 0, 0, 0, 0) for press in presses
    )
    device = tmp_path / "event0"
    os.mkfifo(device)
    writer = threading.Thread(target=device.write_bytes, args=(data,))
    writer.start()
    assert first(f"keyboard:{device}?layout=de&grab=no", SCANNERS) == ["Ay"]
    writer.join()
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(OSError, match="ioctl"):
        first(f"keyboard:{tmp_path / 'file'}", SCANNERS)
