"""`check` lists what the sources of a configuration read of the devices in the master data."""

from pathlib import Path

from tests.integration.cli_program import SHIPPED, Program

SOURCES = """
[[source]]
filter = "tele/#"
decoder = "tasmota"
map = [
  { topic = "tele/press1/SENSOR", tag = "C1", device = "c-L06-good" },
  { topic = "tele/press1/SENSOR", tag = "C2", device = "c-L06-good", kind = "scrap" },
  { topic = "tele/+/STATUS8", tag = "C3", device = "s-roaming" },
  { topic = "tele/press2/SENSOR", tag = "C1", device = "c-nobody" },
]

[[source]]
filter = "spare"
decoder = "number"
"""


def test_check_lists_what_sources_read_and_which_devices_are_not_heard(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(f'[gateway]\nlines = ["1000/L06"]\n{SOURCES}', encoding="utf-8")
    check = Program(tmp_path).here
    said = check("check", str(SHIPPED), "-c", str(file), "--json")
    assert said.status == 0, said
    assert [tuple(row.values()) for row in said.json["sources"]] == [
        (0, "tasmota", "c-L06-good", "good", "C1", "tele/press1/SENSOR"),
        (0, "tasmota", "c-L06-good", "scrap", "C2", "tele/press1/SENSOR"),
        (0, "tasmota", "s-roaming", "scan", "C3", "tele/+/STATUS8"),
        (0, "tasmota", "c-nobody", "", "C1", "tele/press2/SENSOR"),
    ]
    found = {row["field"]: row["text"] for row in said.json["findings"] if row["field"].startswith("source.")}
    assert found == {
        "source.0.map.2.device": "expected a counter, got s-roaming, which is a scanner",
        "source.0.map.3.device": "device 'c-nobody' is not in the master data: its messages go to quarantine",
        "source.1.map": "spare has no row, so that nothing of it is counted",
    }
    assert "c-L04-good" in said.json["unheard"]
    assert not {"c-L06-good", "s-roaming"} & {*said.json["unheard"]}
    shown = check("check", str(SHIPPED), "-c", str(file))
    assert shown.out.splitlines()[1].split() == ["0", "tasmota", "c-L06-good", "good", "C1", "tele/press1/SENSOR"]
    assert max(map(len, shown.out.splitlines())) <= 80
    rows = ", ".join(f'{{ topic = "a/{n}", device = "c-L06-good" }}' for n in range(8))
    file.write_text(f'[[source]]\nfilter = "a/+"\ndecoder = "number"\nmap = [{rows}]\n{SOURCES}', encoding="utf-8")
    some, every = (check("check", str(SHIPPED), "-c", str(file), *more) for more in ((), ("--all",)))
    assert [line.split()[0] for line in some.out.splitlines()[1:]] == [*"0" * 5, *"1" * 4]
    assert "more rows: 3 of source 0; --all lists them" in some.err
    assert ([line.split()[-1] for line in every.out.splitlines()[1:9]], "more rows" in every.err) == (
        [f"a/{n}" for n in range(8)],
        False,
    )
    assert "are not heard here, because their lines are of other gateways: c-L01-good, c-L01-scrap," in shown.err


def test_a_variable_cannot_stand_for_a_list_of_sources(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('[[source]]\nfilter = "plc"\ndecoder = "number"\n')
    assert Program(tmp_path).here("check", "-c", str(file)).status == 0
    refused = Program(tmp_path, SOURCE__FILTER="other").here("check", "-c", str(file))
    assert (refused.status, "source" in refused.out + refused.err) == (1, True), refused


def test_check_finds_what_the_login_of_a_host_application_names_and_is_not_there(tmp_path: Path) -> None:
    file, shared = tmp_path / "gateway.toml", tmp_path / "shared"
    shared.write_text("password")
    shared.chmod(0o644)

    def found(password: Path, **files: Path) -> dict[str, str]:
        login = {"password_file": password, **files}
        keys = "".join(f'{name} = "{path}"\n' for name, path in login.items())
        host = '[[source]]\nfilter = "spBv1.0/hall/#"\ndecoder = "sparkplug"\nhost = "plant"\nusername = "host"\n'
        file.write_text(host + keys)
        said = Program(tmp_path / "data").here("check", "-c", str(file), "--json")
        return {row["field"] or row["file"]: row["text"] for row in said.json["findings"]}

    nowhere = tmp_path / "nowhere"
    missing = found(nowhere, cert_file=nowhere)
    assert missing["source.0.password_file"] == f"{nowhere} cannot be read: No such file or directory"
    assert {"source.0.cert_file"} < missing.keys()
    there = found(shared)
    assert not {"source.0.password_file", "source.0.cert_file"} & there.keys(), there
    assert there[str(shared)] == "has rights 644, expected the owner's alone (600)"
