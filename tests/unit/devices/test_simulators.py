"""Simulated devices without a socket: what arrives, however badly, adds up to what was made."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice, pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decoders import decode_count, decode_scan
from devices.messages import Reading, Scan
from devices.simulators import Code, CounterSpec, Faults, Past, ScannerSpec, SimulatedPlant, Telegram
from devices.simulators.scanners import Scanner
from devices.uplinks import BrokerAccess, Uplink, UplinkMessage, UplinkPresence
from tests.integration.shipped_broker import Authority
from tests.servers import free_port

START_US = 1_795_335_330_000_000
BAD = Faults(duplicate=0.2, lose=0.2, reorder=0.2, late=0.1, late_s=20, reset=0.05, skew_s=3)


def counter(device: str, **other: object) -> CounterSpec:
    return CounterSpec(plant="1000", line="L04", device=device, **{"rate_per_s": 3.0, **other})  # type: ignore[arg-type]


def scanner(device: str, *codes: Code, limit: int | None = None) -> ScannerSpec:
    return ScannerSpec(plant="1000", line="L04", device=device, codes=codes, limit=limit, point="0020")


def arrived(plant: SimulatedPlant, number: int) -> list[Telegram]:
    """Let so many telegrams arrive, and then the ending."""
    return [*(telegram for _, telegram in islice(plant.script(START_US), number)), *plant.ending()]


def lives(telegrams: Iterable[Telegram]) -> dict[tuple[str, str | None], Reading]:
    """Keep each life's newest reading, as the sequence says, else as it arrived."""
    newest: dict[tuple[str, str | None], Reading] = {}
    for telegram in telegrams:
        if telegram.kind == "count":
            reading = decode_count(telegram.payload, None)
            assert isinstance(reading, Reading), (telegram, reading)
            key = telegram.device, reading.boot
            if key not in newest or reading.seq is None or reading.seq > (newest[key].seq or 0):
                newest[key] = reading
    return newest


def test_counters_tell_what_they_have_made_before_with_its_own_times_and_a_line_that_stands_makes_nothing_more() -> (
    None
):
    hour_us = 3_600_000_000
    specs = [counter("C1", rate_per_s=1.0), counter("C2", rate_per_s=1.0, until_us=START_US - 2_000_000_000)]
    plant = SimulatedPlant(specs, Faults(), 7)
    told = [*plant.past(Past(START_US - 2 * hour_us, 1_800), START_US)]
    readings = [reading for telegram in told if isinstance(reading := decode_count(telegram.payload, None), Reading)]
    assert [(reading.ts, reading.hist) for reading in readings[::2]] == [
        (START_US - 2 * hour_us + step * hour_us // 2, True) for step in (1, 2, 3, 4)
    ]
    running, standing = ([json.loads(telegram.payload)["good"] for telegram in told[at::2]] for at in (0, 1))
    assert all(1_700 < after - before < 1_900 for before, after in pairwise([0, *running])), running
    assert standing[2] == standing[3] > 5_000
    assert readings[5].ts == START_US - 2_000_000_000, "the time of its last piece"
    assert [*islice(plant.script(START_US), 100)]
    assert [truth.good for truth in plant.truth()][1] == standing[3]
    assert plant.truth()[0].good > running[3]


def test_the_same_seed_gives_the_same_telegrams() -> None:
    mixed = counter("C2", totals=("gross", "scrap"), scrap_share=0.1)
    specs: list[CounterSpec | ScannerSpec] = [counter("C1"), mixed, scanner("S1", Code("BF:UNDO"))]
    first, second = (list(islice(SimulatedPlant(specs, BAD, 7).script(START_US), 500)) for _ in range(2))
    other = list(islice(SimulatedPlant(specs, BAD, 8).script(START_US), 500))
    assert first == second
    assert first != other


def test_a_further_device_changes_nothing_for_the_others() -> None:
    alone = [t for t in arrived(SimulatedPlant([counter("C1")], BAD, 7), 100) if t.device == "C1"]
    together = [t for t in arrived(SimulatedPlant([counter("C1"), counter("C2")], BAD, 7), 300) if t.device == "C1"]
    assert together[:90] == alone[:90]


probability = st.sampled_from([0.0, 0.05, 0.5])
any_faults = st.builds(
    Faults, duplicate=probability, lose=probability, reorder=probability, late=probability, reset=probability
)
any_counter = st.builds(
    CounterSpec,
    plant=st.just("1000"),
    line=st.just("L04"),
    device=st.just("C1"),
    rate_per_s=st.sampled_from([0.1, 3.0, 500.0]),
    totals=st.sampled_from([("good", "scrap"), ("gross", "scrap"), ("good", "gross", "scrap"), ("scrap",)]),
    scrap_share=st.sampled_from([0.0, 0.1, 1.0]),
    scrap_reasons=st.sampled_from([(), ("03",), ("03", "07")]),
    initial=st.sampled_from([0, 18_000]),
    ts=st.booleans(),
)


@given(spec=any_counter, faults=any_faults, seed=st.integers(0, 10**9))
def test_the_newest_totals_of_all_lives_add_up_to_what_was_made(spec: CounterSpec, faults: Faults, seed: int) -> None:
    plant = SimulatedPlant([spec], faults, seed)
    readings = list(lives(arrived(plant, 60)).values())
    [truth] = plant.truth()
    start = spec.initial
    assert sum(reading.scrap or 0 for reading in readings) - start == truth.scrap
    if "good" in spec.totals:
        assert sum(reading.good or 0 for reading in readings) - start == truth.good
    elif "gross" in spec.totals:
        assert sum((r.gross or 0) - (r.scrap or 0) for r in readings) - start == truth.good
    assert readings[-1].scrap == truth.totals["scrap"]


@given(faults=any_faults, seed=st.integers(0, 10**9), initial=st.integers(0, 999))
def test_no_rollover_is_hidden_by_losses(faults: Faults, seed: int, initial: int) -> None:
    plant = SimulatedPlant([counter("C1", modulus=1000, rate_per_s=100, boot=False, initial=initial)], faults, seed)
    by_sequence: dict[int, int] = {}
    for telegram in arrived(plant, 200):
        reading = decode_count(telegram.payload, None)
        assert isinstance(reading, Reading)
        assert reading.seq is not None
        assert reading.good is not None
        by_sequence[reading.seq] = reading.good
    totals = [good for _, good in sorted(by_sequence.items())]
    made = sum((now - before) % 1000 for before, now in pairwise(totals))
    assert made == plant.truth()[0].good


@given(faults=any_faults, seed=st.integers(0, 10**9))
def test_totals_without_sequence_and_time_never_go_back(faults: Faults, seed: int) -> None:
    plant = SimulatedPlant([counter("C1", boot=False, seq=False, ts=False)], faults, seed)
    goods = [json.loads(telegram.payload)["good"] for telegram in arrived(plant, 100)]
    assert goods == sorted(goods)
    assert goods[-1] == plant.truth()[0].good


@given(faults=any_faults, seed=st.integers(0, 10**9))
def test_no_scan_is_lost_and_each_has_one_identity(faults: Faults, seed: int) -> None:
    codes = (Code("BF:QTY:24"), Code("01076123456789002112{n}", pieces=24), Code("X", scrap=1))
    plant = SimulatedPlant([scanner("S1", *codes, limit=50)], faults, seed)
    scans = [decode_scan(telegram.payload, None) for telegram in arrived(plant, 40)]
    assert all(isinstance(scan, Scan) for scan in scans)
    said = {scan.id: scan.data for scan in scans if isinstance(scan, Scan)}
    [truth] = plant.truth()
    assert len(said) == truth.scans
    assert truth.good == 24 * sum(data.startswith("01") for data in said.values())
    assert truth.scrap == sum(data == "X" for data in said.values())
    serials = [data for data in said.values() if data.startswith("01")]
    assert len(set(serials)) == len(serials)


def test_a_script_of_limited_scanners_ends() -> None:
    plant = SimulatedPlant([scanner("S1", Code("A"), limit=3), scanner("S2", Code("B"), limit=2)], Faults(), 1)
    sent: dict[str, int] = defaultdict(int)
    for _, telegram in plant.script(START_US):
        sent[telegram.device] += 1
    assert sent == {"S1": 3, "S2": 2}


def test_a_scan_is_repeated_until_it_is_answered() -> None:
    device = Scanner(scanner("S1", Code("A", pieces=1)), Faults(), Random(1))
    [scan] = device.step(START_US)
    identity = json.loads(scan.payload)["id"]
    assert device.repeats(100.0) == []
    assert [repeat.payload for repeat in device.repeats(105.0)] == [scan.payload]
    assert device.repeats(106.0) == []
    for unrelated in (b"", b"\xff", b"[]", b'{"ref":"other","result":"ok"}', b'{"ref":7}'):
        device.answer(unrelated)
    device.answer(json.dumps({"ref": identity, "result": "nok", "code": "BF9001"}).encode())
    assert [repeat.payload for repeat in device.report()] == [scan.payload]
    device.answer(json.dumps({"ref": identity, "result": "queued", "code": "BF0000"}).encode())
    device.answer(json.dumps({"ref": identity, "result": "ok", "code": "BF0000"}).encode())
    assert device.report() == []
    assert device.results == {"queued": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"device": "state"},
        {"device": "a.b"},
        {"line": "L/4"},
        {"interval_s": 0},
        {"scrap_share": 0.1},
        {"totals": ()},
        {"modulus": 10},
    ],
)
def test_specs_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        CounterSpec(**{"plant": "1000", "line": "L04", "device": "C1", "rate_per_s": 3.0, **wrong})  # type: ignore[arg-type]


def test_a_device_stands_in_a_plant_once() -> None:
    with pytest.raises(ValueError, match="C1 twice"):
        SimulatedPlant([counter("C1"), counter("C1")], Faults(), 1)


PATIENCE_S = 60


def ignore(topic: str, payload: bytes) -> None:
    """Hear nothing: no broker answers here."""
    del topic, payload


async def refused_by(uplink: Uplink, reason: str) -> None:
    """Wait until an attempt has ended for a reason."""
    async with asyncio.timeout(PATIENCE_S):
        while reason not in uplink.refusal:  # noqa: ASYNC110 - nothing else says it
            await asyncio.sleep(0.01)


class Board:
    """The owner of an uplink, which has nothing to send."""

    def connect(self) -> None:
        pass

    def acknowledge(self, mid: int) -> None:
        del mid


async def test_a_certificate_that_is_being_replaced_is_read_with_the_next_attempt(tmp_path: Path) -> None:
    file = Authority(tmp_path).ca_file
    said = file.read_bytes()
    access = BrokerAccess(url=f"mqtts://127.0.0.1:{free_port()}", ca_file=str(file))
    uplink = Uplink(access, "c1", UplinkPresence.of(["bf/v1/1000/L1/c1"]), ignore, Board())
    file.unlink()
    async with uplink:
        await refused_by(uplink, "No such file")
        file.write_bytes(said)
        await refused_by(uplink, "Connection refused")


async def test_a_name_that_no_broker_can_have_is_named() -> None:
    access = BrokerAccess(url="mqtt://broker..example")
    async with Uplink(access, "c1", UplinkPresence.of(["bf/v1/1000/L1/c1"]), ignore, Board()) as uplink:
        await refused_by(uplink, "label empty")


async def test_nothing_waits_for_a_message_that_is_not_acknowledged() -> None:
    access = BrokerAccess(url=f"mqtt://127.0.0.1:{free_port()}", patience_s=0)
    async with Uplink(access, "c1", UplinkPresence.of(["bf/v1/1000/L1/c1"]), ignore, Board()) as uplink:
        uplink.send(UplinkMessage("spBv1.0/G/NDATA/N", b"", qos=0))
        await uplink.drain()
