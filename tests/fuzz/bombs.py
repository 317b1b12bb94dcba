"""Bombs: small inputs that are meant to cost much, and a child process in which they must not.

Work is limited by the kernel and not by a watch: the child may use some seconds of CPU and some memory more for each
bomb than it has used before it, or it is ended. So a busy machine changes nothing. A message may weigh 64 KiB and is
promised to cost 50 ms; whatever needs seconds is caught. A file is opened by a person, and may cost what reading its
bytes costs, but not what they claim to stand for.

    python -m tests.fuzz.bombs messages        sets off all but those of files; `files` the others
"""

import io
import json
import resource
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import openpyxl

from tests.fuzz import world
from tests.fuzz.targets import TARGETS

_MESSAGE: Final = 65_536
_FILE: Final = 2 << 20
_MESSAGE_CPU_S: Final = 2
_FILE_CPU_S: Final = 20
_MESSAGE_MEMORY: Final = 256 << 20
_FILE_MEMORY: Final = 1 << 30
FILES: Final = frozenset(["csv", "xlsx", "yaml", "config"])


class Bomb(NamedTuple):
    """One hostile input, made when it is set off."""

    target: str
    name: str
    make: Callable[[], bytes]


def _list(before: bytes, one: bytes) -> bytes:
    return before + b"[" + b",".join([one] * ((_MESSAGE - 100) // (len(one) + 1))) + b"]}"


def _members(number: int, member: str) -> bytes:
    return ",".join(member.format(n) for n in range(number)).encode()


def _request(data: object) -> bytes:
    return json.dumps({"data": data}).encode()[: _MESSAGE - 1]


def _to(topic: str, payload: bytes) -> bytes:
    return f"bf/v1/1000/{topic}\n".encode() + payload


def _sheet(xml: bytes, **others: bytes) -> bytes:
    """Pack a workbook whose one sheet says something else than it should."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = "scrap_reasons"
    book.worksheets[0].append(["reason", "text"])
    plain, packed = io.BytesIO(), io.BytesIO()
    book.save(plain)
    parts = {"xl/worksheets/sheet1.xml": xml, **{f"xl/{name}.xml": content for name, content in others.items()}}
    with zipfile.ZipFile(plain) as archive, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name in {*archive.namelist(), *parts}:
            out.writestr(name, parts[name] if name in parts else archive.read(name))
    return packed.getvalue()


def _rows(rows: bytes) -> bytes:
    name = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return b'<worksheet xmlns="' + name + b'"><sheetData>' + rows + b"</sheetData></worksheet>"


def _texts(number: int) -> bytes:
    name = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return b'<sst xmlns="' + name + b'">' + b"<si><t>x</t></si>" * number + b"</sst>"


def _table(header: str, rows: bytes) -> bytes:
    return b"scrap_reasons\n" + header.encode() + b"\n" + rows


BOMBS: Final = (
    Bomb("count", "brackets", lambda: b"[" * _MESSAGE),
    Bomb("count", "quotation marks", lambda: b'"' * _MESSAGE),
    Bomb("count", "escaped quotation marks", lambda: b'"' + b'\\"' * 32_767),
    Bomb("count", "objects in objects", lambda: b'{"good":' * 8_000),
    Bomb("count", "the same key again and again", lambda: b'{"good":1,' + b'"k":1,' * 10_000 + b'"l":1}'),
    Bomb("count", "ten thousand keys", lambda: b'{"good":1,' + _members(4_500, '"k{:06d}":1') + b"}"),
    Bomb("count", "escaped keys", lambda: b'{"good":1,' + _members(4_000, '"\\u0041{:04d}":1') + b"}"),
    Bomb("count", "reasons without end", lambda: b'{"scrap":5000,"scrap_by":{' + _members(5_000, '"{}":1') + b"}}"),
    Bomb("count", "digits", lambda: b"9" * _MESSAGE),
    Bomb("count", "digits that are read in parts", lambda: b'{"x":[' + b",".join([b"9" * 4_000] * 16) + b"]}"),
    Bomb("count", "exponents", lambda: b'{"good":1,"x":[' + b",".join([b"1E+999999"] * 6_000) + b"]}"),
    Bomb("count", "a time of digits", lambda: b'{"good":1,"ts":1E+' + b"9" * 60_000 + b"}"),
    Bomb("count", "a time of text", lambda: b'{"good":1,"ts":"' + b"1" * 60_000 + b'"}'),
    Bomb("count", "blanks", lambda: b" " * _MESSAGE),
    Bomb("count", "zeros", lambda: b"0" * 65_535 + b"x"),
    Bomb("count", "escapes", lambda: b'{"good":1,"a":"' + b"\\u0041" * 10_000 + b'"}'),
    Bomb("scan", "the longest text of a code", lambda: b'{"data":"' + b"a" * 7_089 + b'"}'),
    Bomb("scan", "escaped separators", lambda: b'{"data":"]C1' + b"10A\\u001d" * 700 + b'"}'),
    Bomb("scan", "brackets in the text", lambda: b'{"data":"' + b"[" * 60_000 + b'"}'),
    Bomb("barcode", "the same field again and again", lambda: (b"]C1" + b"10A\x1d" * 2_000)[:7_089]),
    Bomb("barcode", "many different fields", lambda: b"]C1" + b"\x1d".join(b"%dx" % n for n in range(91, 99)) * 200),
    Bomb("barcode", "trade items", lambda: b"]C1" + b"0107612345678900" * 440),
    Bomb("barcode", "separators", lambda: b"]C1" + b"\x1d" * 7_000),
    Bomb("barcode", "digits", lambda: b"]C1" + b"0" * 7_000),
    Bomb("barcode", "identifiers of scanners", lambda: b"]C1" * 2_300),
    Bomb("barcode", "a link of slashes", lambda: b"https://a" + b"/0" * 3_000),
    Bomb("barcode", "a link of identifiers", lambda: b"https://id.gs1.org" + b"/01/07612345678900" * 350),
    Bomb("barcode", "a link of questions", lambda: b"https://id.gs1.org/01/07612345678900?" + b"10=A&" * 1_000),
    Bomb("barcode", "brackets", lambda: b"(01)" * 1_700),
    Bomb("barcode", "separators that are written out", lambda: b"]C1" + b"10A<GS>" * 1_000),
    Bomb("barcode", "percent signs", lambda: b"https://id.gs1.org/01/" + b"%2525" * 1_400),
    Bomb("barcode", "measures", lambda: b"]C1" + b"3103001250" * 700),
    Bomb("barcode", "combining marks", ("a" + "\u0301" * 3_500).encode),
    Bomb("barcode", "colons", lambda: b"BF:RUN" + b":" * 7_000),
    Bomb("state", "brackets", lambda: b"[" * _MESSAGE),
    Bomb("state", "objects in a list", lambda: _list(b'{"state":"online","x":', b"{}")),
    Bomb("state", "the same key again and again", lambda: b'{"state":"online",' + b'"k":1,' * 10_000 + b'"l":1}'),
    Bomb("state", "digits", lambda: b'{"state":' + b"9" * 65_000 + b"}"),
    Bomb("state", "blanks", lambda: b" " * 65_000 + b"online"),
    Bomb("request", "brackets", lambda: b'{"data":' + b"[" * 65_000),
    Bomb("request", "records", lambda: _request({"records": ["0000000001/1"] * 4_000})),
    Bomb("request", "digits", lambda: b'{"data":{"quantity":' + b"9" * 65_000 + b"}}"),
    Bomb("request", "exponents", lambda: b'{"data":{"quantity":1E+999999,"x":[' + b"1E+999999," * 6_000 + b"1]}}"),
    Bomb("request", "lists in lists", lambda: _list(b'{"data":', b"[[[[[]]]]]")),
    Bomb("request", "objects", lambda: _list(b'{"data":{"components":', b"{}")[:-1] + b"}}"),
    Bomb("request", "numbers", lambda: _list(b'{"data":{"numbers":', b"1")[:-1] + b"}}"),
    Bomb("request", "the same key again and again", lambda: b'{"data":{' + b'"k":1,' * 10_000 + b'"l":1}}'),
    Bomb("request", "escaped keys", lambda: b'{"data":{' + _members(4_000, '"\\u0041{:04d}":1') + b"}}"),
    Bomb("request", "a text without end", lambda: b'{"actor":"' + b"x" * 65_000 + b'"}'),
    Bomb("request", "a time of digits", lambda: b'{"data":{"at":"' + b"1" * 65_000 + b'"}}'),
    Bomb("request", "keys", lambda: b'{"data":{' + _members(5_000, '"k{}":1') + b"}}"),
    Bomb("topics", "levels", lambda: b"/" * 65_535),
    Bomb("topics", "levels below the base", lambda: b"bf/v1/" + b"a/" * 32_000),
    Bomb("packets", "acknowledgements", lambda: b"\x40\x02\x00\x01" * 16_000),
    Bomb("packets", "publications of nothing", lambda: b"\x30\x03\x00\x01a" * 13_000),
    Bomb("packets", "user properties", lambda: b"\x30\xe6\xfc\x03\x00\x01a\xe0\xfc\x03" + b"\x26\0\0\0\0" * 13_024),
    Bomb("packets", "pings", lambda: b"\xd0\x00" * 32_000),
    Bomb("stream", "totals of a thousand devices", lambda: _to(
        "L06/_request/run-start",
        b'{"data":{"material":"PUMP-40","version":"0001","totals":{' + _members(2_500, '"c{}":{{"good":1}}') + b"}}}",
    )),
    Bomb("stream", "components without end", lambda: _to(
        "L06/_request/post",
        b'{"data":{"type":"component","material":"PUMP-40","version":"0001","quantity":1,"components":['
        + _members(990, '{{"material":"MOTOR-24","quantity":"0.{:06d}"}}') + b"]}}",
    )),
    Bomb("stream", "two hundred reasons", lambda: _to(
        "L06/c-free/count", b'{"boot":"x","good":1,"scrap":200,"scrap_by":{' + _members(200, '"r{}":1') + b"}}"
    )),
    Bomb("stream", "a topic of levels", lambda: _to("a/" * 30_000 + "count", b"1")),
    Bomb("stream", "a text of a label", lambda: _to("L05/s-L05/scan", b"x" * 7_089)),
    Bomb("control", "brackets", lambda: b"[" * 1_000_000),
    Bomb("control", "lists without end", lambda: b'{"request":' + b"[" + b"[]," * 3_000_000 + b"[]]}"),
    Bomb("control", "a request that is too large", lambda: b'{"request":{"verb":"' + b"x" * 8_000_000 + b'"}}'),
    Bomb("control", "digits", lambda: b'{"request":' + b"9" * 1_000_000 + b"}"),
    Bomb("config", "brackets", lambda: b"a = " + b"[" * 200_000),
    Bomb("config", "dotted keys", lambda: b"a" + b".a" * 2_000 + b" = 1"),
    Bomb("config", "digits", lambda: b"[posting]\nskew_s = " + b"9" * 1_000_000),
    Bomb("csv", "a million columns", lambda: b"scrap_reasons\n" + b"a," * 1_000_000 + b"\n"),
    Bomb("csv", "a million cells in a row", lambda: _table("reason,text", b"," * _FILE)),
    Bomb("csv", "a row of a million lines", lambda: _table("reason,text", b'","\n' * (_FILE // 4))),
    Bomb("csv", "a cell without end", lambda: _table("reason,text", b'05,"' + b"x" * _FILE)),
    Bomb("csv", "empty lines and nothing", lambda: _table("", b"\n" * (_FILE // 8))),
    Bomb("csv", "rows that are all wrong", lambda: _table("reason,text", b"\x01,\x01\n" * 50_000)),
    Bomb("csv", "rows that are too long", lambda: _table("reason,text", b"1,2,3\n" * 300_000)),
    Bomb("xlsx", "far more than it weighs", lambda: _sheet(_rows(b"<row/>" * 2_000_000))),
    Bomb("xlsx", "a row a million million further", lambda: _sheet(
        _rows(b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>')
    )),
    Bomb("xlsx", "rows with an empty cell far to the right", lambda: _sheet(
        _rows(b'<row><c r="ZZZ1"/></row>' * 20_000)
    )),
    Bomb("xlsx", "shared texts without end", lambda: _sheet(_rows(b""), sharedStrings=_texts(400_000))),
    Bomb("xlsx", "texts that multiply", lambda: _sheet(
        b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 1_000 + b'">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 100) for n in range(8))
        + b"]>" + _rows(b'<row r="1"><c r="A1" t="inlineStr"><is><t>&i;</t></is></c></row>')
    )),
    Bomb("yaml", "brackets", lambda: b"plants: " + b"[" * _FILE),
    Bomb("yaml", "a row of keys", lambda: b"scrap_reasons:\n- {" + b"reason: 1, " * (_FILE // 11) + b"}"),
    Bomb("yaml", "tables without end", lambda: b"plants: []\n" * 100_000),
    Bomb("yaml", "aliases that multiply", lambda: b"a: &a [x,x]\n" + b"".join(
        b"%c: &%c [*%c,*%c]\n" % (c, c, c - 1, c - 1) for c in range(98, 122)
    )),
    Bomb("yaml", "a key without end", lambda: b"? " + b"k" * _FILE),
)  # fmt: skip


def limit(target: str) -> None:
    """Let this process use a little more than it has used until now."""
    is_file = target in FILES
    used = int(time.process_time()) + 1
    resource.setrlimit(
        resource.RLIMIT_CPU, (used + (_FILE_CPU_S if is_file else _MESSAGE_CPU_S), resource.RLIM_INFINITY)
    )
    pages = (
        int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) if Path("/proc/self/statm").exists() else 0
    )
    if pages:  # elsewhere the kernel does not limit the address space
        held = pages * resource.getpagesize()
        more = _FILE_MEMORY if is_file else _MESSAGE_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (held + more, resource.RLIM_INFINITY))


def _unlimited() -> None:
    for what in (resource.RLIMIT_CPU, resource.RLIMIT_AS):
        resource.setrlimit(what, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def of(group: str) -> list[Bomb]:
    """Return the bombs of a group, `messages` or `files`, or of one target."""
    if group in TARGETS:
        return [bomb for bomb in BOMBS if bomb.target == group]
    return [bomb for bomb in BOMBS if (bomb.target in FILES) == (group == "files")]


def main() -> int:
    """Set off the bombs of a group: `target: name: outcome`, one a line."""
    chosen = of(sys.argv[1])
    for target in dict.fromkeys(bomb.target for bomb in chosen):
        TARGETS[target].check(b"")  # what is made once is not the first bomb's fault
    for bomb in chosen:
        data = bomb.make()
        sys.stdout.write(f"{bomb.target}: {bomb.name}: ")
        sys.stdout.flush()
        limit(bomb.target)
        before = time.process_time()
        outcome = TARGETS[bomb.target].check(data)
        used = time.process_time() - before
        _unlimited()
        sys.stdout.write(f"{outcome}\n")
        sys.stderr.write(f"{bomb.target}, {bomb.name}: {len(data)} bytes, {1000 * used:.0f} ms\n")
    world.discard()
    return 0


if __name__ == "__main__":
    sys.exit(main())
