"""Tables of what other publishers send, with what is read of it on one line."""

import json

from devices.errors import Rejection
from devices.messages import Publication

NOW = 1_795_335_330_120
"""2026-11-22T08:15:30.120Z, milliseconds."""
ISO = "2026-11-22T08:15:30.120Z"


def told(message: Publication | Rejection) -> str:
    """Write what a message says on one line; times are milliseconds after `NOW`."""
    if isinstance(message, Rejection):
        return message.code
    words = []
    for sample in message.samples:
        total = sample.total
        said = total.code if isinstance(total, Rejection) else str(total)
        when = "" if sample.ts is None else f"@{sample.ts // 1000 - NOW}"
        words.append(f"{sample.name or '#' + sample.id}={said}{when}{' hist' * sample.hist}")
    for scope, pairs, whole in message.names:
        words += [f"{scope}:{','.join(map('='.join, pairs))}{'!' * whole}"]
    if message.online is not None:
        words.append("online" if message.online else "offline")
    if isinstance(message.scan, Rejection):
        words.append(f"scan {message.scan.code}")
    elif message.scan is not None:
        when = "" if message.scan.ts is None else f"@{message.scan.ts // 1000 - NOW}"
        words.append(f"{message.scan.id} {message.scan.data!a}{when} {message.symbology}")
    return " ".join(words) or "nothing"


KEPWARE = [
    (
        "a reading",
        {"timestamp": NOW, "values": [{"id": "C.D.T", "v": 18234, "q": True, "t": NOW - 20}]},
        "C.D.T=18234@-20",
    ),
    ("the narrow layout", {"id": "C.D.T", "v": 18234, "q": True, "t": NOW}, "C.D.T=18234@0"),
    ("the time of the message", {"timestamp": NOW, "values": [{"id": "T", "v": 5, "q": True}]}, "T=5@0"),
    ("a restart", {"timestamp": NOW, "values": [{"id": "T", "v": 0, "q": True}]}, "T=0@0"),
    (
        "what was buffered, a gap, a repetition",
        {"values": [{"id": "T", "v": v, "q": True, "t": NOW + t} for v, t in ((5, 0), (9, 3000), (9, 3000))]},
        "T=5@0 T=9@3000 T=9@3000",
    ),
    ("bad quality", {"values": [{"id": "T", "v": 18234, "q": False, "t": NOW}]}, "T=BF1020@0"),
    *(
        (f"quality {q!r}", {"id": "T", "v": 5, "q": q}, "T=5")
        for q in (192, 216, 255, 192.0, "192", "true", "Good", "GOOD")
    ),
    *(
        (f"quality {q!r}", {"id": "T", "v": 5, "q": q}, "T=BF1020")
        for q in (0, 1, 24, 64, 191, 256, 500, 65728, "0", "Bad", "Uncertain", "false", "", None)
    ),
    ("before the first value", {"values": [{"id": "T", "v": None, "q": True}]}, "T=BF1020"),
    ("a float for a count", {"values": [{"id": "T", "v": 18234.0, "q": True}]}, "T=18234"),
    ("a fraction", {"values": [{"id": "T", "v": 175.87498474121094, "q": True}]}, "T=BF1021"),
    ("a text", {"values": [{"id": "T", "v": "18234", "q": True}]}, "T=BF1007"),
    ("a yes", {"values": [{"id": "T", "v": True, "q": True}]}, "T=BF1007"),
    ("a negative one", {"values": [{"id": "T", "v": -1, "q": True}]}, "T=BF1008"),
    ("a clock that was never set", {"values": [{"id": "T", "v": 5, "q": True, "t": 5000}]}, "T=5"),
    ("nothing new", {"timestamp": NOW, "values": []}, "nothing"),
    ("another layout", {"good": 5}, "BF1023"),
    ("one of many is none", {"values": [{"id": "T", "v": 5, "q": True}, {"id": "U"}]}, "BF1023"),
    ("a name of control characters", {"values": [{"id": "T\u0001", "v": 5, "q": True}]}, "BF1006"),
]
S7 = "ie/d/j/simatic/v1/s7c1/dp/r/PLC1/default"
METADATA = {
    "seq": 1,
    "connections": [
        {"name": "PLC1", "dataPoints": [{"name": "default", "dataPointDefinitions": [{"id": "101", "name": "good"}]}]},
        {"name": "PLC2", "dataPoints": [{"name": "fast", "dataPointDefinitions": [{"id": "101", "name": "scrap"}]}]},
    ],
}
S7DATABUS = [
    (S7, "a reading", {"seq": 1, "vals": [{"id": "101", "qc": 3, "ts": ISO, "val": 18234}]}, "#101=18234@0"),
    (S7, "without quality and time", {"seq": 1, "vals": [{"id": "101", "val": 18234}]}, "#101=18234"),
    (S7, "quoted, as old connectors do", {"seq": 1, "vals": [{"id": "101", "qc": 3, "val": "18234"}]}, "#101=18234"),
    (S7, "a restart of the connector", {"seq": 0, "vals": [{"id": "101", "qc": 3, "val": 18234}]}, "#101=18234"),
    (S7, "a gap", {"seq": 99, "vals": [{"id": "101", "qc": 3, "val": 18250}]}, "#101=18250"),
    (S7, "bad quality", {"seq": 1, "vals": [{"id": "101", "qc": 0, "ts": ISO, "val": 18234}]}, "#101=BF1020@0"),
    (S7, "before the first value", {"seq": 1, "vals": [{"id": "101", "qc": 1, "val": 0}]}, "#101=BF1020"),
    (S7, "a Real for a count", {"seq": 1, "vals": [{"id": "1", "qc": 3, "val": 175.87498474121094}]}, "#1=BF1021"),
    (S7, "whole seconds", {"seq": 1, "vals": [{"id": "1", "ts": "2026-11-22T08:15:30Z", "val": 1}]}, "#1=1"),
    (S7, "more digits than can be read", {"vals": [{"id": "1", "val": "9" * 5000}]}, "#1=BF1007"),
    (S7, "a text", {"seq": 1, "vals": [{"id": "1", "qc": 3, "val": "17.5"}]}, "#1=BF1007"),
    (S7, "one value, the old way", {"seq": 1, "val": 5}, "BF1023"),
    (S7, "an id that is a number", {"seq": 1, "vals": [{"id": 101, "val": 5}]}, "BF1023"),
    (
        "ie/m/j/simatic/v1/s7c1/dp",
        "metadata",
        METADATA,
        "simatic/v1/s7c1/dp:! simatic/v1/s7c1/dp/r/PLC1/default:101=good simatic/v1/s7c1/dp/r/PLC2/fast:101=scrap",
    ),
    ("ie/m/j/simatic/v1/s7c1/dp", "metadata of nothing", {"connections": []}, "BF1023"),
    ("ie/s/j/simatic/v1/s7c1/status", "a status", {"connector": {"status": "good"}}, "nothing"),
    ("plant/s7", "another topic", {"seq": 1, "vals": []}, "BF1023"),
]
NEURON = [
    (
        "a reading",
        {"timestamp": NOW, "node": "n", "group": "g", "values": {"good": 5, "scrap": 1}},
        "good=5@0 scrap=1@0",
    ),
    ("as a list", {"timestamp": NOW, "tags": [{"name": "good", "value": 5}]}, "good=5@0"),
    ("errors alone", {"timestamp": NOW, "values": {}, "errors": {"good": 2014}}, "good=BF1020@0"),
    ("an error in a list", {"tags": [{"name": "good", "error": 2014}]}, "good=BF1020"),
    ("before the first value", {"values": {"good": None}, "errors": {}}, "good=BF1020"),
    ("a restart", {"timestamp": NOW, "values": {"good": 0}}, "good=0@0"),
    ("a gap and a repetition", {"timestamp": NOW, "values": {"good": 9}}, "good=9@0"),
    ("a fraction", {"values": {"good": 5.5}}, "good=BF1021"),
    ("another layout", {"timestamp": NOW, "data": {"good": 5}}, "BF1023"),
    ("tags that are none", {"tags": {"good": 5}}, "BF1023"),
]
UMH = "umh/v1/acme/ulm/l1/_historian"
UMHS = [
    (f"{UMH}/press/good", "a reading", {"timestamp_ms": NOW, "value": 18234}, "press/good=18234@0"),
    (UMH, "an older bundle", {"timestamp_ms": NOW, "good": 5, "scrap": 1}, "good=5@0 scrap=1@0"),
    (f"{UMH}/press", "a bundle with a path", {"timestamp_ms": NOW, "good": 5}, "press/good=5@0"),
    (UMH, "no tag", {"timestamp_ms": NOW, "value": 5}, "value=5@0"),
    (f"{UMH}/good", "a restart", {"timestamp_ms": NOW, "value": 0}, "good=0@0"),
    (f"{UMH}/good", "a repetition after a gap", {"timestamp_ms": NOW + 9000, "value": 5}, "good=5@9000"),
    (f"{UMH}/good", "bad quality", {"timestamp_ms": NOW, "value": None}, "good=BF1020@0"),
    (f"{UMH}/good", "a fraction", {"timestamp_ms": NOW, "value": 0.5}, "good=BF1021@0"),
    (f"{UMH}/good", "nested", {"timestamp_ms": NOW, "value": {"good": 5}}, "good=BF1007@0"),
    (f"{UMH}/good", "without its time", {"value": 5}, "BF1023"),
    (f"{UMH}/good", "a time alone", {"timestamp_ms": NOW}, "BF1023"),
    ("umh/v1/acme/good", "no data contract", {"timestamp_ms": NOW, "value": 5}, "BF1023"),
    ("umh/v2/acme/ulm/_historian/good", "another version", {"timestamp_ms": NOW, "value": 5}, "BF1023"),
]
TIME = "2026-11-22T08:15:30"
TASMOTA = [
    ("tele/p/SENSOR", "a reading", {"Time": TIME, "COUNTER": {"C1": 18234, "C2": 7}}, "C1=18234 C2=7"),
    ("stat/p/STATUS8", "an answer", {"StatusSNS": {"Time": TIME, "COUNTER": {"C1": 18234}}}, "C1=18234"),
    ("tele/p/SENSOR", "1970", {"Time": "1970-01-01T00:00:09", "COUNTER": {"C1": 18240}}, "C1=18240"),
    ("tele/p/SENSOR", "a restart: the flash is older", {"Time": TIME, "COUNTER": {"C1": 310}}, "C1=310"),
    ("tele/p/SENSOR", "a gap and a repetition", {"Time": TIME, "COUNTER": {"C1": 400}}, "C1=400"),
    ("tele/p/SENSOR", "a counter that is not configured", {"Time": TIME}, "nothing"),
    ("tele/p/SENSOR", "before the first value", {"Time": TIME, "COUNTER": {"C1": None}}, "C1=BF1020"),
    ("tele/p/SENSOR", "a fraction", {"Time": TIME, "COUNTER": {"C1": 1.5}}, "C1=BF1021"),
    ("tele/p/SENSOR", "no counters", {"Time": TIME, "COUNTER": 5}, "BF1023"),
    ("stat/p/STATUS8", "no status", {"StatusSNS": 5}, "BF1023"),
    ("tele/p/LWT", "there", b"Online", "online"),
    ("tele/p/LWT", "gone", b"Offline", "offline"),
    ("tele/p/LWT", "neither", b"Asleep", "BF1023"),
    ("tele/p/STATE", "another report", {"Time": TIME, "UptimeSec": 5}, "nothing"),
]
RPC = "shelly-1/events/rpc"


def notify(**params: object) -> dict[str, object]:
    said = {name.replace("_", ":"): value for name, value in params.items()}
    return {"src": "shelly-1", "method": "NotifyStatus", "params": {"ts": NOW / 1000, **said}}


SHELLY = [
    (RPC, "a reading", notify(input_2={"id": 2, "counts": {"total": 18234}}), "input:2=18234@0"),
    (RPC, "a restart", notify(input_2={"id": 2, "counts": {"total": 0}}), "input:2=0@0"),
    (RPC, "a gap and a repetition", notify(input_2={"id": 2, "counts": {"total": 9}}), "input:2=9@0"),
    (RPC, "only what changed", notify(input_2={"id": 2, "freq": 0.0}), "nothing"),
    (RPC, "counts without a total", notify(input_2={"counts": {"by_minute": [1, 2]}}), "nothing"),
    (RPC, "before the first value", notify(input_2={"counts": {"total": None}}), "input:2=BF1020@0"),
    (RPC, "before its clock is set", notify(ts=None, input_2={"counts": {"total": 5}}), "input:2=5"),
    (RPC, "a fraction", notify(input_2={"counts": {"total": 5.5}}), "input:2=BF1021@0"),
    (RPC, "an event", {"method": "NotifyEvent", "params": {"ts": 1.5, "events": []}}, "nothing"),
    (RPC, "no object", {"method": "NotifyStatus", "params": [5]}, "BF1023"),
    (RPC, "counts that are none", notify(input_2={"counts": 5}), "BF1023"),
    ("shelly-1/status/input:2", "a status", {"id": 2, "counts": {"total": 5}}, "input:2=5"),
    ("shelly-1/online", "there", b"true", "online"),
    ("shelly-1/online", "gone", b"false", "offline"),
    ("shelly-1/command", "a command", b"status_update", "nothing"),
]
ZIGBEE = "zigbee2mqtt/hall/press"
ZIGBEE2MQTT = [
    (ZIGBEE, "a reading", {"count": 16, "last_seen": ISO, "battery": 97}, "count=16 last_seen=BF1007 battery=97"),
    (ZIGBEE, "the battery, again", {"count": 16, "battery": 96}, "count=16 battery=96"),
    (ZIGBEE, "a restart", {"count": 0}, "count=0"),
    (ZIGBEE, "a gap", {"count": 99}, "count=99"),
    (ZIGBEE, "before the first value", {"count": None}, "count=BF1020"),
    (ZIGBEE, "scaled", {"count": 1.6}, "count=BF1021"),
    (ZIGBEE, "a text", b"16", "BF1023"),
    (ZIGBEE, "a name that cannot be shown", {"": 5}, "BF1023"),
    (f"{ZIGBEE}/availability", "there", b"online", "online"),
    (f"{ZIGBEE}/availability", "gone", {"state": "offline"}, "offline"),
    (f"{ZIGBEE}/availability", "neither", {"state": "asleep"}, "BF1023"),
    (f"{ZIGBEE}/set", "a command", b"ON", "nothing"),
    ("zigbee2mqtt/bridge/state", "the bridge", {"state": "online"}, "nothing"),
]
ESP = "press/sensor/good/state"
ESPHOME = [
    (ESP, "a reading", b"16", "good=16"),
    (ESP, "with decimals", b"16.0", "good=16"),
    (ESP, "a restart", b"0", "good=0"),
    (ESP, "a gap and a repetition", b"40.00\n", "good=40"),
    (ESP, "before the first value", b"nan", "good=BF1020"),
    (ESP, "a fraction", b"16.5", "good=BF1021"),
    (ESP, "the end of a float", b"16777215", "good=16777215"),
    (ESP, "beyond a float: 16,777,217, rounded", b"16777216", "good=BF1008"),
    (ESP, "rounded to an exponent", b"1.67772e+07", "BF1007"),
    (ESP, "a word", b"unavailable", "BF1007"),
    (ESP, "negative", b"-1", "good=BF1008"),
    (ESP, "nothing", b"", "BF1001"),
    ("press/status", "there", b"online", "online"),
    ("press/status", "gone", b"offline", "offline"),
    ("press/switch/motor/state", "another component", b"ON", "nothing"),
]
SCAN = {
    "event_type": "scan",
    "event_id": "02114da8-feae-46e3-8b00-a3f7ea8672df",
    "time_created": NOW,
    "device_serial": "M2MR1",
    "scan_code": "]C10102000000001012",
    "scan_symbology": "CODE128",
}
READ = "02114da8-feae-46e3-8b00-a3f7ea8672df ']C10102000000001012'"
RS, GS, EOT = "\x1e", "\x1d", "\x04"
ENVELOPE = f"[)>{RS}06{GS}1PA{RS}{EOT}"
PROGLOVE = [
    ("a scan, and its line feed", json.dumps(SCAN).encode() + b"\n", f"{READ}@0 CODE128"),
    ("a repetition", SCAN, f"{READ}@0 CODE128"),
    ("a clock that was never set", SCAN | {"time_created": 5000}, f"{READ} CODE128"),
    ("no symbology", {k: v for k, v in SCAN.items() if k != "scan_symbology"}, f"{READ}@0 "),
    ("a message of ISO 15434", SCAN | {"scan_code": ENVELOPE}, f"{READ[:37]}{ENVELOPE!a}@0 CODE128"),
    ("a scanner with a suffix", SCAN | {"scan_code": f"{SCAN['scan_code']}\r\n"}, f"{READ}@0 CODE128"),
    ("a control character", SCAN | {"scan_code": "A\u0000"}, "scan BF1006"),
    ("no text", SCAN | {"scan_code": ""}, "scan BF1023"),
    ("its bytes", SCAN | {"scan_bytes": "XUMxMDEwMjAwMDAwMDAwMTAxMg"}, f"{READ}@0 CODE128"),
    (
        "a separator 0xE8 that its text leaves out",
        SCAN | {"scan_code": "10L30", "scan_bytes": "MTBM6DMw"},
        "scan BF1003",
    ),
    ("bytes that are no Base64", SCAN | {"scan_bytes": "A"}, "scan BF1003"),
    ("bytes that are no text", SCAN | {"scan_bytes": 5}, "scan BF1003"),
    ("no identity", SCAN | {"event_id": None}, "scan BF1023"),
    ("no scanner", {"event_type": "scan"}, "BF1023"),
    ("no event", {"device_serial": "M2MR1"}, "BF1023"),
    ("a button", SCAN | {"event_type": "button_pressed"}, "nothing"),
    (
        "a scanner comes",
        {"event_type": "scanner_state", "device_serial": "M1", "device_connected_state": "STATE_CONNECTED"},
        "online",
    ),
    (
        "a scanner goes",
        {"event_type": "scanner_state", "device_serial": "M1", "device_connected_state": "STATE_DISCONNECTED"},
        "offline",
    ),
]
ALL = [
    *(("kepware", "iotgateway", *row) for row in KEPWARE),
    *(("s7databus", *row) for row in S7DATABUS),
    *(("neuron", "/neuron/n/d/g", *row) for row in NEURON),
    *(("umh", *row) for row in UMHS),
    *(("tasmota", *row) for row in TASMOTA),
    *(("shelly", *row) for row in SHELLY),
    *(("zigbee2mqtt", *row) for row in ZIGBEE2MQTT),
    *(("esphome", *row) for row in ESPHOME),
    *(("proglove", "pg", *row) for row in PROGLOVE),
]
