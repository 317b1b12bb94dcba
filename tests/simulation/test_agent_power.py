"""An agent's store under power cuts: what it has taken is on the disk, whatever was done before and after."""

import os
import random
import subprocess
import sys
from pathlib import Path

from devices.agents.store import Store
from devices.agents.store_file import StoreFile
from tests.simulation.power import Disk, environment, read_records

CUTS = int(os.environ.get("POWER_CUTS", "16")) * 20
ROOT = Path(__file__).parents[2]
PROGRAM = """
import socket, sys
from pathlib import Path
from devices.agents.store_file import StoreFile
from devices.agents.store import Store
server = socket.create_server(("127.0.0.1", 0))
world = socket.create_connection(server.getsockname())
other, _ = server.accept()
for life in range(4):
    file = StoreFile(Path(sys.argv[1]) / "store")
    store = Store(file)
    for _ in range(100):
        taken = store.take(1, lambda number: {"data": "x" * 1000, "seq": number})
        world.send(b"%d\\n" % taken.number)
        other.recv(100)
        if taken.number % 3:
            store.end([taken.number])
    file.close()
"""


def test_what_was_taken_is_there_after_a_power_cut(tmp_path: Path) -> None:
    disk = Path(os.path.realpath(tmp_path)) / "disk"
    disk.mkdir()
    log = tmp_path / "log"
    command = [sys.executable, "-c", PROGRAM, str(disk)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment(log, disk)}, check=True)
    records = read_records(log)
    assert {record.kind for record in records} >= set("CDWTSN>"), "it was made anew, too"
    chance = random.Random(1)
    played, told, live = 0, 0, Disk(disk)
    for number, cut in enumerate(sorted(chance.randrange(len(records)) for _ in range(CUTS))):
        for record in records[played:cut]:
            live.play(record)
            told = int(record.data) if record.kind == ">" else told
        played = cut
        left = tmp_path / str(number)
        left.mkdir()
        live.cut(chance, left)
        file = StoreFile(left / "store")
        store = Store(file)
        newest = store.newest.number if store.newest is not None else 0
        assert told <= newest <= told + 1, f"cut at {cut}"
        assert set(range(3, told + 1, 3)) <= store.waiting.keys(), f"cut at {cut}"
        assert all(said == {"data": "x" * 1000, "seq": n} for n, said in store.waiting.items())
        assert store.take(1, lambda number: {"seq": number}).number == newest + 1
        file.close()
