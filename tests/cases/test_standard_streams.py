"""Standard streams that are closed, or whose reader stands still: pieces are posted, and the end is in good order."""

import os

from tests.cases.rig import Rig


def test_a_gateway_with_closed_standard_streams_ends_in_good_order() -> None:
    with Rig() as rig:
        rig.gateway.start("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh").ready()
        rig.count("c-L06-good", 7)
        rig.settle()
        assert rig.gateway.stop() == 0
        assert [document["yield"] for document in rig.documents()] == ["7"]


def test_a_reader_of_the_log_that_stands_still_stops_neither_the_gateway_nor_its_end() -> None:
    with Rig() as rig:
        pipe = rig.folder / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDWR)
        rig.gateway.start("sh", "-c", f'exec "$@" 2>{pipe}', "sh").ready()
        os.set_blocking(reader, False)
        try:
            while True:
                os.write(reader, b"x")
        except BlockingIOError:
            rig.say("bf/v1/1000/L06/nobody/count", "rubbish")  # an alert, and so a line of the log
        rig.count("c-L06-good", 7)
        rig.settle()
        assert (rig.gateway.pong() or {})["phase"] == "ready"
        assert rig.gateway.stop() == 0
        os.close(reader)
        assert [document["yield"] for document in rig.documents()] == ["7"]
