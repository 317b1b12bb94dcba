"""What nobody has foreseen while the journal is written ends the gateway: it never stands still and looks alive."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.app import run_gateway
from gateway.failpoints import Action, Point
from gateway.settings import load_settings
from tests.servers import Mosquitto


class Unforeseen(Exception):
    """Something that no boundary knows."""


@pytest.mark.parametrize("where", [Point.JOURNAL_WRITING, Point.ACKNOWLEDGED])
def test_a_fault_in_the_writing_of_the_journal_or_after_it_ends_the_gateway(
    mosquitto: Mosquitto, armed: Callable[[Action], None], tmp_path: Path, where: Point
) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(
        f'[gateway]\ndata_dir = "{tmp_path}/data"\n[mqtt]\nurl = "{mosquitto.url}"\n[posting]\nwindow = "5s"\n'
    )

    def fault(point: Point) -> None:
        if point is where:
            raise Unforeseen(point)

    armed(fault)
    with pytest.raises(Unforeseen):
        asyncio.run(run_gateway(load_settings(config), stop=asyncio.Event()))


def test_whatever_a_callback_of_the_loop_raises_ends_the_gateway(mosquitto: Mosquitto, tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(f'[gateway]\ndata_dir = "{tmp_path}/data"\n[mqtt]\nurl = "{mosquitto.url}"\n')

    def fall() -> None:
        raise Unforeseen

    async def run() -> None:
        asyncio.get_running_loop().call_later(0.5, fall)
        await run_gateway(load_settings(config), stop=asyncio.Event())

    with pytest.raises(Unforeseen):
        asyncio.run(run())
