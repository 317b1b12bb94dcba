"""Promise 14: bad input ends in quarantine with its reason, acknowledged, and delays nobody else."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from gateway.ledger.database import tables as t
from tests.fuzz.world import ALIASES, VERSIONS
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.plant import SCANNERS, booked, figures, shop, tables
from tests.servers import Mosquitto

BASE = "bf/v1/1000"
ALERT = "bf/v1/_gateway/gw1/alert/quarantine"
GOOD = f"{BASE}/L05/c-L05-good/count"
SCANNER = f"{BASE}/L05/s-L05"
COUNT = f"{BASE}/L06/c-L06-good/count"
SCAN = f"{BASE}/L05/s-L05/scan"

DEVICES = (
    *SCANNERS,
    "c-L05-off,1000,L05,,counter,good,native,,60000,quarantine,zero,,",
    "c-L07,1000,L07,,counter,good,native,,60000,quarantine,zero,,",
    "c-L08,1000,L08,,counter,good,native,,60000,quarantine,zero,,",
)


class Bad(NamedTuple):
    """One message that must end in quarantine."""

    what: str
    topic: str
    payload: bytes
    code: str


BAD = [
    Bad("empty", COUNT, b"", "BF1001"),
    Bad("blank", COUNT, b"  ", "BF1001"),
    Bad("half an object", COUNT, b'{"good":1', "BF1004"),
    Bad("no JSON", COUNT, b"twelve", "BF1004"),
    Bad("trailing bytes", COUNT, b'{"good":1} 2', "BF1004"),
    Bad("a byte-order mark", COUNT, b'\xef\xbb\xbf{"good":1}', "BF1004"),
    Bad("no UTF-8", COUNT, b'{"good":1,"batch":"\xff"}', "BF1003"),
    Bad("a lone surrogate", COUNT, rb'{"good":1,"batch":"\ud800"}', "BF1006"),
    Bad("NUL", COUNT, rb'{"good":1,"batch":"\u0000"}', "BF1006"),
    Bad("a control character", COUNT, b'{"good":1,"batch":"\x07"}', "BF1006"),
    Bad("a key twice", COUNT, b'{"good":1,"good":2}', "BF1005"),
    Bad("a yes for a count", COUNT, b'{"good":true}', "BF1007"),
    Bad("a text for a count", COUNT, b'{"good":"1"}', "BF1007"),
    Bad("a decimal for a count", COUNT, b'{"good":1.0}', "BF1007"),
    Bad("a fraction of a piece", COUNT, b'{"good":1.5}', "BF1007"),
    Bad("an exponent", COUNT, b'{"good":1e3}', "BF1007"),
    Bad("a list", COUNT, b"[1]", "BF1007"),
    Bad("null", COUNT, b'{"good":null}', "BF1007"),
    Bad("not a number", COUNT, b'{"good":NaN}', "BF1004"),
    Bad("infinity", COUNT, b'{"good":Infinity}', "BF1004"),
    Bad("a negative total", COUNT, b'{"good":-1}', "BF1008"),
    Bad("beyond 2^53", COUNT, b'{"good":9007199254740993}', "BF1008"),
    Bad("five thousand digits", COUNT, b'{"good":' + b"9" * 5000 + b"}", "BF1008"),
    Bad("too deep", COUNT, b'{"good":1,"x":' + b"[" * 9 + b"]" * 9 + b"}", "BF1012"),
    Bad("too large", COUNT, b'{"good":1,"x":"' + b"x" * 65_536 + b'"}', "BF1002"),
    Bad("another's identity", COUNT, b'{"good":1,"device":"c-L05-good"}', "BF1010"),
    Bad("no total", COUNT, b'{"seq":4}', "BF1019"),
    Bad("totals that contradict", COUNT, b'{"good":5,"scrap":2,"gross":6}', "BF1016"),
    Bad("reasons that do not add up", COUNT, b'{"good":5,"scrap":2,"scrap_by":{"03":1}}', "BF1016"),
    Bad("a time that cannot be", COUNT, b'{"good":1,"ts":"2026-13-45T25:00:00Z"}', "BF1009"),
    Bad("a time without zone", COUNT, b'{"good":1,"ts":"2026-11-22T08:15:30"}', "BF1009"),
    Bad("garbage as boot", COUNT, b'{"good":1,"boot":"a b"}', "BF1008"),
    Bad("garbage as sequence", COUNT, b'{"good":1,"boot":"a","seq":"x"}', "BF1007"),
    Bad("a difference without identity", COUNT, b'{"good":1,"mode":"delta"}', "BF1019"),
    Bad("an unknown device", f"{BASE}/L05/nobody/count", b"1", "BF2001"),
    Bad("a disabled device", f"{BASE}/L05/c-L05-off/count", b"1", "BF2002"),
    Bad("the wrong line", f"{BASE}/L06/c-L02-good/count", b"1", "BF2003"),
    Bad("no device's topic", f"{BASE}/L05/c L05/count", b"1", "BF1017"),
    Bad("a jump beyond physics", f"{BASE}/L06/c-L06-scrap/count", b'{"boot":"a","seq":1,"scrap":900000}', "BF2004"),
    Bad("a wrong unit", f"{BASE}/L01/c-L01-good/count", b'{"good":1,"unit":"KG"}', "BF3013"),
    Bad("no version", f"{BASE}/L08/c-L08/count", b"10", "BF3001"),
    Bad("two versions", f"{BASE}/L07/c-L07/count", b"3", "BF3002"),
    Bad("an empty scan", SCAN, b"", "BF1001"),
    Bad("a scan of nothing", SCAN, b'{"id":"s1"}', "BF1019"),
    Bad("an empty barcode", SCAN, b'{"id":"s2","data":""}', "BF1008"),
    Bad("a control character in a scan", SCAN, rb'{"id":"s3","data":"a\u0000b"}', "BF1006"),
    Bad("a bad check digit", SCAN, b'{"id":"s4","data":"]d20102000000000078"}', "BF1013"),
    Bad("half a label", SCAN, b'{"id":"s5","data":"]d20102000000"}', "BF1014"),
    Bad("an unknown code", SCAN, b'{"id":"s6","data":"NOTHING-OF-OURS"}', "BF3014"),
    Bad("an unknown trade item", SCAN, b'{"id":"s7","data":"]d20104006381333931"}', "BF3014"),
    Bad("an unknown control code", SCAN, b'{"id":"s8","data":"BF:DANCE"}', "BF1014"),
    Bad("two trade items in one", SCAN, rb'{"id":"s9","data":"]d201020000000000770102000000000060"}', "BF1015"),
    Bad("a locked version", SCAN, b'{"id":"s10","data":"LOCKED"}', "BF3004"),
    Bad("an expired version", SCAN, b'{"id":"s11","data":"EXPIRED"}', "BF3005"),
]
"""In the order in which they are sent; all but the last of each device leave its mark where it was."""
UNBOOKED = {"a wrong unit", "no version", "two versions", "a locked version", "an expired version"}
"""Their units are certain, only their place is not."""


def bad_shop(folder: Path) -> bytes:
    written = shop(folder, devices=DEVICES, production_versions=VERSIONS, aliases=ALIASES)
    file = written / "devices.csv"
    header, *rows = file.read_text(encoding="utf-8").splitlines()
    rows = [f"{row},{'yes' if row.startswith('c-L05-off,') else ''}" for row in rows]
    file.write_text("\n".join([f"{header},disabled", *rows, ""]), encoding="utf-8")
    return tables(written)


def quarantined(gateway: GatewayProcess) -> list[Any]:
    with gateway.ledger() as connection:
        return list(connection.execute(select(t.quarantine).order_by(t.quarantine.c.number)))


def test_bad_input_ends_in_quarantine_with_its_reason_and_delays_no_other(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        gateway.import_tables(bad_shop(tmp_path / "shop"))
        gateway.start().ready()
        for number, bad in enumerate(BAD, 1):
            monitor.say(bad.topic, bad.payload)
            monitor.say(GOOD, {"ts": datetime.now(UTC).isoformat(), "boot": "a", "seq": number, "good": number})

        until(lambda: len(quarantined(gateway)) >= len(BAD), lambda: f"{len(quarantined(gateway))}\n{gateway.log}")
        rows = quarantined(gateway)
        assert {bad.what: row.code for bad, row in zip(BAD, rows, strict=True)} == {bad.what: bad.code for bad in BAD}
        for bad, row in zip(BAD, rows, strict=True):
            assert row.text.strip(), bad.what
            assert len(row.text.splitlines()) == 1, bad.what
            assert row.text.isprintable(), bad.what
            assert (row.topic, row.payload) == (bad.topic, bad.payload[:1024] if bad.code == "BF1002" else bad.payload)
            assert (row.state, row.kind) == ("open", "unbooked" if bad.what in UNBOOKED else "untrusted"), bad.what

        refusals = {heard.body["ref"]: heard.body for heard in monitor.on(f"{SCANNER}/feedback")}
        for bad in BAD:
            if bad.payload.startswith(b'{"id"'):
                answer = refusals[json.loads(bad.payload)["id"]]
                assert (answer["result"], answer["code"]) == ("nok", bad.code)

        def posted() -> bool:
            with gateway.ledger() as connection:
                return booked(connection) == {"L05": (len(BAD), 0)}

        until(posted, lambda: gateway.log)
        assert gateway.health()["quarantine"] == len(BAD)
        assert monitor.wait(ALERT, lambda heard: str(len(BAD)) in heard.body["text"]).retain
        assert gateway.runs

        # Everything was acknowledged: the broker has nothing for the next life.
        assert gateway.stop() == 0
        gateway.start().ready()
        gateway.caught_up()
        monitor.say(GOOD, {"boot": "a", "seq": 1000, "good": 1000})
        until(lambda: gateway.health()["messages"]["counted"] == len(BAD) + 1, gateway.health)
        assert gateway.health()["messages"].get("quarantine", 0) == gateway.health()["quarantine"] == len(BAD)
        gateway.stop()
        gateway.audit()


def test_retained_production_messages_are_quarantined_and_not_counted_at_each_start(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        monitor.say(GOOD, "7", retain=True)
        monitor.say(SCAN, "]d20102000000000077", retain=True)
        gateway.import_tables(bad_shop(tmp_path / "shop"))
        gateway.start().ready()
        until(lambda: len(quarantined(gateway)) >= 2, lambda: gateway.log)
        assert {row.code for row in quarantined(gateway)} == {"BF1011"}
        with gateway.ledger() as connection:
            assert booked(connection) == {}

        # While it is connected the flag is not handed on; the kept copy would come at its next start.
        monitor.say(GOOD, "8", retain=True)
        until(lambda: gateway.health()["messages"].get("counted") == 1, gateway.health)
        # Emptying the topics is a message as well, that nobody understands.
        for topic in (GOOD, SCAN):
            monitor.say(topic, "", retain=True)
        until(lambda: len(quarantined(gateway)) == 4, lambda: quarantined(gateway))
        assert sorted(row.code for row in quarantined(gateway)) == ["BF1001", "BF1001", "BF1011", "BF1011"]
        assert gateway.stop() == 0
        gateway.start().ready()
        gateway.caught_up()
        assert len(quarantined(gateway)) == 4, "no copy is left"
        assert gateway.stop() == 0
        with gateway.ledger() as connection:
            assert booked(connection) == {"L05": (8, 0)}
        gateway.audit()


def test_a_later_total_heals_what_was_not_trusted(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        gateway.import_tables(bad_shop(tmp_path / "shop"))
        gateway.start().ready()
        for seq, good in ((1, 10), (2, 900_000), (3, 4), (4, 12)):
            monitor.say(GOOD, {"boot": "a", "seq": seq, "good": good})
        until(lambda: len(quarantined(gateway)) == 2, lambda: gateway.log)
        until(lambda: {row.state for row in quarantined(gateway)} == {"open", "healed"}, lambda: gateway.log)
        assert [(row.code, row.state) for row in quarantined(gateway)] == [("BF2004", "open"), ("BF2005", "healed")]
        assert monitor.wait(f"{BASE}/L05/c-L05-good/command").body["command"] == "report"
        gateway.stop()
        with gateway.ledger() as connection:
            assert booked(connection) == {"L05": (12, 0)}
        gateway.audit()


def test_replay_posts_unbooked_units_exactly_once_and_dismissing_deletes_nothing(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        gateway.import_tables(bad_shop(tmp_path / "shop"))
        gateway.start().ready()
        for total in (10, 25, 25, 31):
            monitor.say(f"{BASE}/L08/c-L08/count", str(total))
        monitor.say(COUNT, "twelve")
        until(lambda: len(quarantined(gateway)) == 4, lambda: gateway.log)
        numbers = [f"{row.number:010d}" for row in quarantined(gateway)]
        with gateway.ledger() as connection:
            assert figures(connection) == (31, 0, 31, 0)

        # Nothing has been corrected yet: they stay.
        gateway.ask("quarantine-replay", {"numbers": numbers})
        assert {row.state for row in quarantined(gateway)} == {"open"}

        gateway.import_tables(
            tables(
                shop(
                    tmp_path / "corrected",
                    devices=DEVICES,
                    production_versions=["1000,CABLE-15,0006,1,1,L08,2026-01-01,,,,SF01,,no"],
                )
            )
        )
        answer = gateway.ask("quarantine-replay", {"numbers": numbers[:2]}, transaction="once")
        assert answer["status"] == "ok", answer
        assert gateway.ask("quarantine-replay", {"numbers": numbers[:2]}, transaction="once") == answer
        gateway.ask("quarantine-replay", {"numbers": numbers[:3]}, transaction="twice")
        gateway.ask("quarantine-dismiss", {"numbers": numbers[3:]}, reason="a typing test")

        def posted() -> bool:
            with gateway.ledger() as connection:
                return figures(connection) == (31, 31, 0, 31)

        until(posted, lambda: gateway.log)
        rows = quarantined(gateway)
        assert [row.state for row in rows] == ["replayed", "replayed", "replayed", "dismissed"]
        assert (rows[3].payload, rows[3].reason) == (b"twelve", "tests: a typing test")
        assert gateway.health()["quarantine"] == 0
        monitor.wait(ALERT, lambda heard: heard.payload == b"")
        assert gateway.stop() == 0
        gateway.audit()
