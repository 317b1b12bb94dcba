"""Where the log is JSON, every line of standard error is: whoever reads it by machine misses nothing."""

import json
from pathlib import Path

import pytest

from tests.cases.rig import Rig
from tests.integration.cli_program import Program, Said
from tests.servers import free_port


def lines(text: str) -> list[dict[str, str]]:
    """Read a log; each line must be an object with its four keys."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(set(line) == {"ts", "level", "logger", "text"} for line in found)
    return found


def test_a_life_of_the_gateway_is_json_from_its_first_line_to_its_last() -> None:
    with Rig(log={"format": "json", "level": "debug"}) as rig:
        rig.start()
        rig.say("bf/v1/1000/L04/c-L04-good/count", "\x00 not JSON")
        rig.settle()
        assert rig.gateway.stop() == 0
        texts = [line["text"] for line in lines(rig.gateway.log)]
        assert "gateway gw1 is ready" in texts


@pytest.mark.parametrize("debug", [(), ("--debug",)])
@pytest.mark.parametrize("wrong", ["unknown key", "no file", "damaged journal", "another gateway's folder"])
def test_what_ends_the_gateway_is_a_line_of_the_log(wrong: str, debug: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    broken = "colour = 1\n" if wrong == "unknown key" else ""
    file.write_text(f'[gateway]\n{broken}[log]\nformat = "json"\n')
    program = Program(tmp_path / "data", LOG__FORMAT="json", MQTT__URL=f"mqtt://127.0.0.1:{free_port()}")
    if wrong == "no file":
        file = tmp_path / "none.toml"
    if wrong == "damaged journal":
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "journal.sqlite").write_text("x" * 5_000)
    if wrong == "another gateway's folder":
        assert program("work").status == 0
        program = Program(tmp_path / "data", LOG__FORMAT="json", GATEWAY__ID="gw2")
    said: Said = program("run", "-c", str(file), *debug)
    assert said.status in (2, 3)
    assert lines(said.err)[-1]["level"] == "critical"
    assert ("Traceback" in said.err) == bool(debug)
