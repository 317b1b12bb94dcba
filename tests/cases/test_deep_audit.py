"""`audit --deep` gives what was made, whatever was done, restored, pruned or configured since."""

from pathlib import Path

from gateway.journal import Journal, locate
from gateway.service.fold.checkpoint import checkpoints, keep_checkpoint, usable
from gateway.service.local.submission import open_pump, system_clock
from tests.cases.rig import Rig, until
from tests.cases.test_read_back import SMALL
from tests.integration.gateway_process import GatewayProcess

_DAY_US = 86_400_000_000


def deep(rig: Rig) -> None:
    """Audit: where all holds there is one line."""
    said = rig.done("audit", "--deep")
    assert (said.out, said.err.startswith("audit: ok, all "), said.err.count("\n")) == ("", True, 1)


def test_the_deep_audit_holds_in_the_middle_of_a_batch_after_a_stop_a_restore_and_pruning(tmp_path: Path) -> None:
    """f_deep_middle, and the drill of the operations manual."""
    with Rig(SMALL) as rig:
        deep(rig)
        rig.start().count("c1", 3)
        rig.say("bf/v1/1000/L1/c9/count", 0)
        rig.settle()
        rig.done("post", "1000/L1", "--quantity", "3")
        deep(rig)
        rig.change("materials", "A", standard_price=6)
        deep(rig)
        adopted = "--line", "1000/L1", "--kind", "counter", "--set", "first=zero", "--reason", "new"
        rig.done("devices", "adopt", "c9", *adopted)
        rig.done("devices", "replace", "c1", "c2", "--reason", "broken")
        deep(rig)
        assert rig.gateway.stop() == 0
        deep(rig)
        rig.done("backup", str(tmp_path / "backup.zip"))
        with GatewayProcess("mqtt://127.0.0.1:1", data=tmp_path / "drill") as drill:
            drill.backflush("restore", str(tmp_path / "backup.zip"))
            assert drill.backflush("audit", "--deep")["audit"] == "ok"
        _prune(rig)
        rig.start().say("bf/v1/1000/L1/c9/count", 12)
        rig.settle()
        deep(rig)
        assert rig.stock()["P FG"] == 18


def _prune(rig: Rig) -> None:
    """Prune what is consumed, as the gateway does when it is older than it is kept."""
    settings = rig.gateway.settings
    with Journal.open(settings.journal_path) as journal:
        assert journal.first == 1
        newest = checkpoints(settings.checkpoints_path)[-1]
        keep_checkpoint(settings, journal, newest.at + settings.journal.keep_days * _DAY_US)
        journal.prune(locate(checkpoints(settings.checkpoints_path)[-1].offset)[0])
        assert journal.first > 1


def test_what_was_made_under_other_settings_is_folded_as_it_was_made() -> None:
    """s01b_config_fold, H6."""
    with Rig(SMALL, mqtt={"allow_requests": ["post", "run-start"]}) as rig:
        rig.start().count("c1", 10)
        asked = {"transaction": "t1", "actor": "anna", "data": {"quantity": "5"}}
        rig.say("bf/v1/1000/L1/_request/post", asked)
        rig.settle()
        assert rig.gateway.stop() == 0
        for other in (
            {"BACKFLUSH_MQTT__ALLOW_REQUESTS": "work"},
            {"BACKFLUSH_MQTT__BASE_TOPIC": "plant/x"},
            {"BACKFLUSH_GATEWAY__LINES": "1000/L2"},
        ):
            rig.environment = other
            deep(rig)
        rig.environment = {"BACKFLUSH_MQTT__ALLOW_REQUESTS": "work"}
        (rig.gateway.data / "ledger.sqlite").unlink()
        rig.done("work")
        assert rig.stock()["P FG"] == 15, "the journal alone gives it"
        deep(rig)


def test_a_checkpoint_is_written_where_none_is_usable_once_nothing_waits_for_it() -> None:
    """t16, and the first start of another version on a ledger that has been folded."""
    with Rig(SMALL) as rig:
        rig.start().count("c1", 3)
        rig.settle()
        assert rig.gateway.stop() == 0
        settings = rig.gateway.settings
        with open_pump(settings) as (journal, pump):
            assert usable(settings, journal)
            journal.prune(pump.needed)  # as the gateway does when the journal nears its bound
            assert not usable(settings, journal)
            keep_checkpoint(settings, journal, system_clock())
            assert usable(settings, journal)
        deep(rig)
        for one in checkpoints(settings.checkpoints_path):
            one.path.unlink()
        with open_pump(settings):  # it holds a lease, and whoever gave the command waits
            assert checkpoints(settings.checkpoints_path) == []
        rig.start().count("c1", 4)
        rig.settle()
        until(lambda: bool(checkpoints(settings.checkpoints_path)), lambda: rig.gateway.log)
        deep(rig)
        assert rig.gateway.stop() == 0
