"""The fixtures that any test may ask for: real servers, nothing else, and no effect unless asked for."""

import gc
import inspect
import os
import signal
from collections.abc import Callable, Generator, Iterator

import pytest
import uvloop
from hypothesis import Phase, settings

from gateway.failpoints import Action, arm
from tests.servers import Mosquitto, Postgres

# A test never asserts a duration, so there is no deadline; a failure prints what repeats it.
settings.register_profile("house", deadline=None, print_blob=True)
# That a law is broken is enough to know; no smaller example is searched for.
settings.register_profile(
    "noticed", settings.get_profile("house"), phases=(Phase.explicit, Phase.generate), report_multiple_bugs=False
)
settings.load_profile("house")

# A shell that starts the tests in the background has them ignore Ctrl-C, and what they start as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what is loaded out of the search for cycles: it stays, and was searched again for each thousand tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Leave nothing out in silence: a test that is skipped has failed, unless this machine may lack something."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("ALLOW_MISSING_SERVERS") != "1":
        report.outcome = "failed"
        report.longrepr = f"{report.longrepr}: ALLOW_MISSING_SERVERS=1 allows it"
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine on a loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    asked = inspect.signature(pyfuncitem.obj).parameters
    uvloop.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in asked}))
    return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Offer one PostgreSQL to all tests; each takes a `fresh_url()` of its own and leaves the server running."""
    with Postgres() as server:
        yield server


@pytest.fixture
def mosquitto() -> Iterator[Mosquitto]:
    """Offer a running broker to one test, which may stop, kill and start it."""
    with Mosquitto() as server:
        yield server


@pytest.fixture
def armed() -> Iterator[Callable[[Action], None]]:
    """Offer to have something done at every failpoint, for one test."""
    yield arm
    arm(None)
