"""The core under any interleaving: it dies at every step, and nothing is lost, doubled, or told before it is true.

A failing seed is in the name of its test, and runs alone by `make test ARGS="tests/simulation/test_core.py -k [SEED]"`.
`SIMULATION_SEEDS` asks for more seeds, `SIMULATION_FIRST` for others.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.failpoints import Point
from gateway.settings import DatabaseSection, GatewaySection, JournalSection, MqttSection, PostingSection, Settings
from tests.integration.imports import import_tables
from tests.servers import MEMORY, Postgres
from tests.simulation.core_plant import tables
from tests.simulation.core_run import Simulation

FIRST, SEEDS = int(os.environ.get("SIMULATION_FIRST", "1")), int(os.environ.get("SIMULATION_SEEDS", "60"))
ON_POSTGRES = range(1, 4)


class Begun(NamedTuple):
    """A journal and a ledger that hold the master data and nothing else."""

    folder: Path
    imports: list[bytes]
    """Master data that may be imported later."""
    data: Path
    """Where each seed works; always the same place, so that what was compiled for it is used again."""


@pytest.fixture(scope="module")
def begun() -> Iterator[Begun]:
    """Prepare it once, in memory if there is such a folder: processes die here, computers do not."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        imports = [tables(folder / "first"), tables(folder / "more", glue="0.35"), tables(folder / "nine", nine=True)]
        import_tables(settings_in(folder / "begun"), imports[0], "tests")
        yield Begun(folder / "begun", imports, folder / "data")


def settings_in(folder: Path, url: str = "") -> Settings:
    """Return the settings of a gateway with its data in a folder."""
    return Settings(
        gateway=GatewaySection(data_dir=folder),
        mqtt=MqttSection(allow_requests=["work", "post", "reverse"]),
        database=DatabaseSection.model_validate({"url": url}),
        posting=PostingSection(window="2s"),
        journal=JournalSection(min_free=0),
    )


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_whenever_the_core_dies_the_truth_is_posted_once(seed: int, begun: Begun) -> None:
    shutil.rmtree(begun.data, ignore_errors=True)
    shutil.copytree(begun.folder, begun.data)
    assert Simulation(settings_in(begun.data), seed, begun.imports).run().documents


@pytest.mark.parametrize("seed", ON_POSTGRES)
def test_whenever_the_core_dies_the_truth_is_posted_once_on_postgresql(
    seed: int, begun: Begun, tmp_path: Path, postgres: Postgres
) -> None:
    settings = settings_in(tmp_path / "data", postgres.fresh_url())
    import_tables(settings, begun.imports[0], "tests")
    assert Simulation(settings, seed, begun.imports).run().documents


@pytest.mark.parametrize("point", Point)
def test_a_core_that_dies_at_a_point_posts_the_truth_once(point: Point, begun: Begun) -> None:
    shutil.rmtree(begun.data, ignore_errors=True)
    shutil.copytree(begun.folder, begun.data)
    simulation = Simulation(settings_in(begun.data), list(Point).index(point), begun.imports, point)
    assert simulation.run().documents
    assert point in simulation.died_at
