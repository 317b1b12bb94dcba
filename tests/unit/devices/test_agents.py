"""What agents read, say and show: keys by layout, lines, addresses, options, totals and scans."""

import ast
import io
import struct
import subprocess
import sys
from pathlib import Path

import paho.mqtt
import pytest

from devices.agents.counter import PieceCounter
from devices.agents.inputs import COUNTERS, SCANNERS, Kind, Lost, open_input, read_address
from devices.agents.inputs.keyboard import Keys
from devices.agents.inputs.layouts import KEYS, LAYOUTS, Layout
from devices.agents.inputs.modbus import join_words
from devices.agents.inputs.numbers import read_totals
from devices.agents.inputs.opcua import whole
from devices.agents.inputs.texts import UNREADABLE, LineCutter
from devices.agents.options import broker_of, counter_options, read_options, scanner_options
from devices.agents.panel import Panel
from devices.agents.scanner import LabelScanner
from devices.agents.store import Store
from devices.agents.store_file import Foreign, StoreFile
from devices.answers import ScanAnswer, is_report, read_feedback

ROOT = Path(__file__).parents[3]
SHIFT, CTRL, ALT, ALT_GR, ENTER = 42, 29, 56, 100, 28
PAD = {digit: code for code, digit in zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True)}
CARDS = "]C1(01)04012345678901\\{BF:RUN-1000_/@~#^|[$]%&*+=;<>?!'\"`}"


def strokes(layout: Layout, text: str) -> list[tuple[int, int]]:
    """Return what a scanner types for a text: keys, the levels that they need, and a space behind a dead key."""
    found: list[tuple[int, int]] = []
    levels = (layout.plain, ()), (layout.shift, (SHIFT,)), (layout.alt_gr, (ALT_GR,)), (layout.both, (ALT_GR, SHIFT))
    for character in text:
        key, held = next((key, held) for level, held in levels for key, typed in level.items() if typed == character)
        found += [(one, 1) for one in held] + [(key, 1), (key, 0)] + [(one, 0) for one in held]
        found += [(57, 1), (57, 0)] if character in layout.dead else []
    return [*found, (ENTER, 1), (ENTER, 0)]


def typed(layout: str, presses: list[tuple[int, int]]) -> list[str]:
    keys = Keys(LAYOUTS[layout])
    return [text for code, value in presses if (text := keys.press(code, value)) is not None]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_typed_by_a_layout_is_read_by_it(layout: str) -> None:
    table = LAYOUTS[layout]
    known = {typed for level in table[:4] for typed in level.values()}
    text = "".join(character for character in CARDS if character in known)
    assert set(CARDS) - set(text) <= {"us": set(), "it": {"`", "~"}}.get(layout, set()), "no scanner could type it"
    assert typed(layout, strokes(table, text)) == [text]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_has_every_letter_and_digit_once(layout: str) -> None:
    table = LAYOUTS[layout]
    assert set(table.plain) == set(KEYS)
    for level in (table.plain, table.shift):
        once = [typed for key, typed in level.items() if (layout, key) != ("us", 86)]
        assert len(set(once)) == len(once)
    known = {typed for level in table[:4] for typed in level.values()}
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:;.,/?!%&+*\"'()=$ ") <= known


@pytest.mark.parametrize(
    ("layout", "keys", "text"),
    [
        ("us", [16, 21, 44], "qyz"),
        ("de", [16, 21, 44], "qzy"),
        ("ch", [16, 21, 44], "qzy"),
        ("fr", [16, 30, 50, 2, 11], "aq,&à"),
        ("uk", [43, 86], "#\\"),
        ("it", [39, 41], "ò\\"),
        ("es", [39, 53], "ñ-"),
        ("nordic", [26, 40, 12], "åä+"),
        ("us", [79, 80, 81, 74, 98], "123-/"),
    ],
)
def test_keys_are_where_a_country_has_them(layout: str, keys: list[int], text: str) -> None:
    assert typed(layout, [(key, 1) for key in [*keys, ENTER]]) == [text]


def pressed(*codes: int) -> list[tuple[int, int]]:
    """Press keys together and let them go."""
    return [(code, 1) for code in codes] + [(code, 0) for code in reversed(codes)]


GROUP = [*pressed(30), *pressed(CTRL, 27), *pressed(48)]
NUMBER = [(ALT, 1), *pressed(PAD["0"]), *pressed(PAD["2"]), *pressed(PAD["9"]), (ALT, 0), *pressed(30)]


@pytest.mark.parametrize(
    ("presses", "texts"),
    [
        (GROUP + pressed(ENTER), ["a\x1db"]),
        (NUMBER + pressed(ENTER), ["\x1da"]),
        (pressed(30) + pressed(15) + pressed(48) + pressed(96), ["a", "b"]),
        (pressed(ENTER), []),
        (pressed(30), []),
        (pressed(30) + pressed(140) + pressed(48) + pressed(ENTER) + pressed(46, ENTER), [UNREADABLE, "c"]),
        (pressed(CTRL, 46) + pressed(ENTER), [UNREADABLE]),
        ([(30, 1), (30, 2), (30, 0), (ENTER, 1)], ["aa"]),
        (pressed(70) + pressed(69) + pressed(30) + pressed(ENTER), ["a"]),
        (pressed(58) + pressed(30) + pressed(ENTER), [UNREADABLE]),
        ([(ALT, 1), *9_000 * [(PAD["1"], 1)], (ALT, 0), *pressed(ENTER)], [UNREADABLE]),
    ],
)
def test_a_text_is_whole_or_unreadable(presses: list[tuple[int, int]], texts: list[str]) -> None:
    assert typed("us", presses) == texts


def test_keys_that_the_kernel_has_dropped_spoil_their_text_and_no_other(tmp_path: Path) -> None:
    """The end of Shift is among those that are missing."""
    event, press, dropped = struct.Struct("llHHi"), (1, 1), (0, 3, 0)
    keys = [(1, SHIFT, 1), (1, 30, 1), dropped, (1, 48, 1), (1, ENTER, 1), (1, 46, 1), (1, ENTER, 1)]
    (tmp_path / "events").write_bytes(b"".join(event.pack(*press, *key) for key in keys))
    texts = open_input(f"keyboard:{tmp_path / 'events'}?grab=no", SCANNERS).values()
    assert [next(texts), next(texts)] == [UNREADABLE, "c"]


def test_a_message_of_iso_15434_is_typed_whole() -> None:
    keys = (CTRL, SHIFT, 7), (11,), (7,), (CTRL, 27), (30,), (CTRL, 32), (ENTER,)
    assert typed("us", [press for key in keys for press in pressed(*key)]) == ["\x1e06\x1da\x04"]


def test_an_accent_waits_for_its_letter() -> None:
    assert typed(
        "de", [*pressed(41), *pressed(18), *pressed(13), *pressed(57), *pressed(41), *pressed(2), *pressed(28)]
    ) == ["\xea\xb4^1"]


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([b"AB", b"C\r", b"\nD\n"], ["ABC", "D"]),
        ([b"\r\n\r\n"], []),
        ([b"half"], []),
        ([b"]C1\x1d10\r"], ["]C1\x1d10"]),
        ([b"\xff\n", b"x\n"], [UNREADABLE, "x"]),
        ([b"A" * 30_000, b"A" * 30_000, b"\nx\n"], [UNREADABLE, "x"]),
    ],
)
def test_a_line_is_cut_where_it_ends(pieces: list[bytes], lines: list[str]) -> None:
    cutter = LineCutter("utf-8")
    assert [line for piece in pieces for line in cutter.cut(piece)] == lines


@pytest.mark.parametrize(
    ("address", "kinds", "fault"),
    [
        ("gpio:/dev/gpiochip0", "counter", "expected line=NUMBER"),
        ("gpio:/dev/gpiochip0?line=x", "counter", "got x"),
        ("gpio:/dev/gpiochip0?line=3.5", "counter", "line: expected a whole number, got 3.5"),
        ("gpio:/dev/gpiochip0?line=1&edge=up", "counter", "expected rising, falling, got up"),
        ("gpio:/dev/gpiochip0?line=1&colour=red", "counter", "gpio has no colour"),
        ("modbus://h:99999?register=1", "counter", "expected a host and a port"),
        ("opc.tcp://me:secret@h:99999?node=i=1", "counter", "expected a host and a port"),
        ("opc.tcp://me:secret\uff0f@h?node=i=1", "counter", "expected a host and a port"),
        ("opc://me:secret@h?node=i=1", "counter", "got opc:"),
        ("opc.tcp://h:4840", "counter", "expected node=NODE"),
        ("mqtt://h", "counter", "begins with gpio:"),
        ("keyboard:/dev/input/event0?layout=xx", "scanner", "expected us, uk, de"),
        ("serial:/dev/ttyS0?baud=fast", "scanner", "got fast"),
        ("stdin", "scanner", ""),
        ("stdin:?lines=pulses", "counter", ""),
        ("modbus://10.0.0.7?register=100&words=2&unit=3&kind=input&order=little", "counter", ""),
        ("modbus:/dev/ttyUSB0?register=100&baud=19200", "counter", ""),
        ("opc.tcp://user:word@h/path?node=ns=2;s=Line.Counter&every_s=0.5", "counter", ""),
        ("gpio:/dev/gpiochip0?line=17&edge=falling&bias=pull-up&debounce_ms=5", "counter", ""),
    ],
)
def test_an_address_is_taken_whole_or_refused_in_one_line(address: str, kinds: str, fault: str) -> None:
    known = COUNTERS if kinds == "counter" else SCANNERS
    if address.startswith("gpio:") and sys.platform != "linux":
        fault = "gpio needs the package gpiod"
    if not fault:
        assert open_input(address, known) is not None
        return
    with pytest.raises(ValueError, match=fault) as refused:
        open_input(address, known)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_an_agent_needs_paho_and_nothing_else() -> None:
    folders = [str(ROOT), str(Path(paho.mqtt.__file__).parents[2])]
    code = (
        f"import sys; sys.path += {folders}; before = set(sys.modules); import devices.agents.programs; "
        "print({name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == {"devices", "paho"}


def test_a_package_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="far needs the package gpiod"):
        open_input("far:x", {"far": Kind("nowhere", "Far", "gpiod")})


def test_a_node_is_taken_out_of_its_address() -> None:
    address = read_address("opc.tcp://h:4840/p?node=ns=2;s=A.B")
    assert (address.host, address.port, address.word("node", "")) == ("h", 4840, "ns=2;s=A.B")


@pytest.mark.parametrize("value", [True, None, "7", 7.5, float("nan"), float("inf")])
def test_a_node_that_is_no_whole_number_is_no_total(value: object) -> None:
    with pytest.raises(Exception, match="expected a whole number"):
        whole(value)


def test_four_registers_hold_a_number_of_64_bits() -> None:
    assert join_words([0, 1, 0, 0], high_first=True) == 2**32
    assert join_words([0, 0, 1, 0], high_first=False) == 2**32


CONFIG = 'plant = "1000"\nline = "L06"\ndevice = "c1"\ninput = "stdin:"\nbroker = "mqtts://b"\nevery = 0.5\n'


@pytest.mark.parametrize(
    ("text", "words", "fault"),
    [
        (CONFIG, [], ""),
        (CONFIG + "password-file = 'p'", [], ""),
        (CONFIG + "colour = 1", [], "agent.toml: there is no option colour;"),
        (CONFIG + "total = 'best'", [], "invalid choice"),
        (CONFIG + "alive = []", [], "argument --alive: invalid"),
        (CONFIG + "alive = -1", [], "expected 0 to 86400 seconds"),
        ("plant", [], "cannot be read"),
        ("", ["--plant", "1000"], "expected --line, --device, --input"),
        (CONFIG, ["--device", "count"], "no reserved word"),
        (CONFIG, ["--broker", "b:1883"], "expected an address like mqtt://"),
        (CONFIG, ["--broker", "mqtt://me:secret@b"], "expected an address like mqtt://"),
        (CONFIG, ["--broker", "mqtt://b:99999"], "expected an address like mqtt://"),
        (CONFIG, ["--broker", "mqtt://b:0"], "expected an address like mqtt://"),
        (CONFIG, ["--broker", "mqtt://me:secret/x@b"], "expected an address like mqtt://"),
        (CONFIG, ["--config"], "expected one argument"),
        (CONFIG, ["--every", "often"], "invalid seconds value: 'often'"),
    ],
)
def test_options_are_those_of_the_file_and_over_them_those_of_the_command_line(
    text: str, words: list[str], fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "agent.toml").write_text(text)
    (tmp_path / "p").write_text("secret\n")
    arguments = ["--config", str(tmp_path / "agent.toml"), *words]
    if fault:
        with pytest.raises(SystemExit, match="2"):
            read_options(counter_options("backflush-counter"), arguments)
        told = capsys.readouterr().err
        assert fault in told
        assert (told.count("\n"), "secret" in told) == (1, False)
        return
    options = read_options(counter_options("backflush-counter"), [*arguments, "--line", "L07"])
    assert (options.plant, options.line, options.every, options.alive, options.store) == (
        "1000",
        "L07",
        0.5,
        60,
        Path("c1"),
    )


def test_an_operator_is_named_as_a_telegram_may_name_him(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        read_options(scanner_options("backflush-scanner"), ["--operator", "a b"])
    assert "expected at most 40 of A-Z" in capsys.readouterr().err


def test_the_password_is_that_of_the_device(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("secret\n")
    words = ["--plant", "1", "--line", "_", "--device", "s", "--input", "stdin", "--password-file", str(tmp_path / "p")]
    broker = broker_of(read_options(scanner_options("backflush-scanner"), words))
    assert (broker.username, broker.password, broker.client_id) == ("s", "secret", "s")


def a_store(tmp_path: Path) -> Store:
    return Store(StoreFile(tmp_path / "store"))


def a_panel() -> tuple[Panel, io.StringIO]:
    shown = io.StringIO()
    return Panel(shown, shown), shown


def test_a_counter_of_pulses_goes_on_in_its_life_and_one_of_totals_names_none(tmp_path: Path) -> None:
    panel, _ = a_panel()
    file = StoreFile(tmp_path)
    boots = set()
    for number in (1, 2, 3):
        counter = PieceCounter(Store(file), panel, "good", lambda: 1_795_335_330_000, pulses=True, alive_s=60)
        counter.take(5)
        counter.look()
        store = Store(file)
        assert store.newest is not None
        assert store.newest.said["good"] == 5 * number
        boots.add(store.newest.said["boot"])
    assert len(boots) == 1
    machine = PieceCounter(store, panel, "gross", lambda: 1_795_335_330_000, pulses=False, alive_s=60)
    machine.take(-1)
    machine.look()
    machine.take(7)
    machine.look()
    assert store.newest is not None
    assert store.newest.said == {"ts": 1_795_335_330_000, "seq": store.newest.number, "gross": 7}


def test_another_program_has_the_store(tmp_path: Path) -> None:
    first = StoreFile(tmp_path)
    with pytest.raises(OSError, match="another program has this store"):
        StoreFile(tmp_path)
    first.close()
    StoreFile(tmp_path).close()


def test_a_store_keeps_its_device_and_refuses_another(tmp_path: Path) -> None:
    for _ in range(2):
        file = StoreFile(tmp_path)
        file.belong("1000/L06/c1")
        for other in ("1000/L06/c2", "1000/L07/c1"):
            with pytest.raises(Foreign, match=f"is the store of 1000/L06/c1, not of {other}: each device has"):
                file.belong(other)
        file.close()


def test_a_line_that_is_no_total_is_left_out_with_a_word_a_minute(tmp_path: Path) -> None:
    panel, shown = a_panel()
    now = [1_795_335_330_000]
    counter = PieceCounter(a_store(tmp_path), panel, "good", lambda: now[0], pulses=False, alive_s=60)
    for line in read_totals(["7", "seven", "-8", "8", f"{2**53 + 1}"]):
        counter.take(line)
    now[0] += 60_000
    counter.take("eight")
    assert counter.total == 8
    assert shown.getvalue().splitlines() == [
        "backflush: the input: expected a total from 0 to 2^53, got seven; left out: 1",
        "backflush: the input: expected a total from 0 to 2^53, got eight; left out: 4",
    ]


def test_a_file_without_a_total_is_lost_until_it_has_one(tmp_path: Path) -> None:
    (tmp_path / "total").write_text("seven\n")
    with pytest.raises(Lost, match="expected one line with a whole number"):
        next(open_input(f"file:{tmp_path / 'total'}", COUNTERS).values())


def test_a_store_is_made_again_when_it_has_grown(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    for _ in range(150):
        store.end([store.take(1, lambda number: {"data": "x" * 7_000, "seq": number}).number])
    assert (tmp_path / "store" / "telegrams").stat().st_size < 300_000
    assert store.newest is not None
    assert store.newest.number == 150


def test_a_scan_that_is_no_barcode_is_refused(tmp_path: Path) -> None:
    panel, shown = a_panel()
    store = a_store(tmp_path)
    scanner = LabelScanner(store, panel, lambda: 1, {"point": "0020"}, repeat_s=10)
    for text in ("", " \r\n", "\x02\x03", "A\x00B", "A\tB", UNREADABLE, "9" * 7_090):
        scanner.take(text)
    assert shown.getvalue().count("NOT READ") == 4
    assert not store.waiting
    scanner.take("]C1\x1d10\r\n")
    scanner.take("[)>\x1e06\x1d1PA\x1e\x04\r\n")
    said, message = store.waiting.values()
    assert said == {"id": said["id"], "ts": 1, "data": "]C1\x1d10", "point": "0020"}
    assert message["data"] == "[)>\x1e06\x1d1PA\x1e\x04"


def test_feedback_is_shown_once_and_moves_no_cursor(tmp_path: Path) -> None:
    panel, shown = a_panel()
    scanner = LabelScanner(a_store(tmp_path), panel, lambda: 1, {}, repeat_s=10)
    for _ in range(2):
        scanner.hear(ScanAnswer("x", "nok", "BF3014", "UNKNOWN", "\x1b[2J\a article", "red", 9))
    assert shown.getvalue() == "RED    UNKNOWN  ?[2J? article" + 5 * "\a" + "\n"


@pytest.mark.parametrize(
    ("payload", "feedback"),
    [
        (b'{"ref":"a","result":"ok","code":"BF0000","title":"12 PC","signal":{"led":"green","beep":1}}',
         ScanAnswer("a", "ok", "BF0000", "12 PC", "", "green", 1)),
        (b'{"ref":"a","result":"ok","code":"BF0000"}', ScanAnswer("a", "ok", "BF0000")),
        (b'{"ref":7,"result":"ok","code":"BF0000"}', None),
        (b'{"ref":"a"}', None),
        (b'{"result":"ok","signal":{"beep":"much"}}', None),
        (b"\xff", None),
        (b"[" * 100_000, None),
        (b"[]", None),
    ],
)  # fmt: skip
def test_a_feedback_is_read_or_is_none(payload: bytes, feedback: ScanAnswer | None) -> None:
    assert read_feedback(payload) == feedback
    assert not is_report(payload)
    assert is_report(b'{"command":"report","reason":"a run starts"}')
