"""The yardstick `plain`: the consumer that one writes in an afternoon, without windows, marks or explosions.

    python -m tests.benchmarks.plain URL DATABASE MANY        MANY 0: only makes session and table

paho's thread, `json.loads`, seven rows a message into PostgreSQL, a commit for a hundred messages, then their
acknowledgement. It prints the seconds from the first message to the acknowledgement of the last.
"""

import json
import sys
import threading
import time
from urllib.parse import urlsplit

import paho.mqtt.client as paho
import psycopg
from paho.mqtt.enums import CallbackAPIVersion

_TABLE = (
    "CREATE TABLE IF NOT EXISTS movement (id bigserial PRIMARY KEY, at text NOT NULL, line text NOT NULL,"
    " device text NOT NULL, kind text NOT NULL, material text NOT NULL, quantity numeric NOT NULL)"
)
_ROW = "INSERT INTO movement (at, line, device, kind, material, quantity) VALUES (%s, %s, %s, %s, %s, %s)"
_AT_ONCE = 100
_KINDS = (
    ("131", "FG", 1.0),
    *(("261", f"PART-{n}", 0.25) for n in range(4)),
    ("activity", "MACHINE", 0.005),
    ("activity", "LABOUR", 0.005),
)


class Consumer:
    """Inserts what it hears."""

    def __init__(self, url: str, database: str, many: int) -> None:
        """Connect to both; the session is kept."""
        where = urlsplit(url)
        self._many = many
        self._seen = 0
        self._began = 0.0
        self._open: list[int] = []
        self._totals: dict[str, int] = {}
        self.done = threading.Event()
        self._database = psycopg.connect(database)
        self._cursor = self._database.cursor()
        self._cursor.execute(_TABLE)
        self._database.commit()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, "plain", clean_session=False, manual_ack=True)
        self.client.on_message = self._message
        self.client.on_subscribe = lambda *_: None if many else self.done.set()
        self.client.connect(where.hostname or "", where.port or 1883)
        self.client.subscribe("bf/v1/+/+/+/count", 1)
        self.client.loop_start()

    def _message(self, client: paho.Client, _: object, message: paho.MQTTMessage) -> None:
        self._began = self._began or time.perf_counter()
        _, _, _, line, device, _ = message.topic.split("/")
        said = json.loads(message.payload)
        step = said["good"] - self._totals.get(device, 0)
        self._totals[device] = said["good"]
        self._cursor.executemany(
            _ROW, [(said["ts"], line, device, kind, material, step * factor) for kind, material, factor in _KINDS]
        )
        self._open.append(message.mid)
        self._seen += 1
        if len(self._open) == _AT_ONCE or self._seen == self._many:
            self._database.commit()
            for mid in self._open:
                client.ack(mid, 1)
            self._open.clear()
        if self._seen == self._many:
            self._cursor.execute("SELECT count(*) FROM movement")
            rows = self._cursor.fetchone()
            assert rows == (self._many * len(_KINDS),), rows
            print(time.perf_counter() - self._began, flush=True)
            self.done.set()


if __name__ == "__main__":
    consumer = Consumer(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    consumer.done.wait()
    consumer.client.disconnect()
    consumer.client.loop_stop()
