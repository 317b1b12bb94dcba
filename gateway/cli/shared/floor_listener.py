"""A listener of the floor: a thread hears the status topics, and the floor takes them when it is shown."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from gateway.cli.shared.broker_client import Tool
from gateway.errors import BrokerUnavailable
from gateway.service.floor.floor import Floor

if TYPE_CHECKING:
    from gateway.settings import Settings

_AGAIN_S: Final = 2.0
_LOOK_S: Final = 0.5


@contextmanager
def listening(settings: "Settings", floor: Floor, login: dict[str, Any]) -> Iterator[Callable[[], None]]:
    """Listen while the context lasts, through every lost connection; yield a function that updates the floor."""
    heard: SimpleQueue[Callable[[], None]] = SimpleQueue()
    over = threading.Event()
    listener = threading.Thread(target=_listen, args=(settings, floor, login, heard, over), daemon=True)

    def take() -> None:
        for _ in range(heard.qsize()):
            heard.get()()

    listener.start()
    try:
        yield take
    finally:
        over.set()
        listener.join(_AGAIN_S)


def _listen(
    settings: "Settings",
    floor: Floor,
    login: dict[str, Any],
    heard: "SimpleQueue[Callable[[], None]]",
    over: threading.Event,
) -> None:
    while not over.is_set():
        try:
            with Tool(settings, "watch", **login) as tool:
                heard.put(floor.up)
                _hear(tool, floor, heard, over)
        except BrokerUnavailable as error:
            heard.put(partial(floor.away, str(error)))
            over.wait(_AGAIN_S)
        except Exception as error:  # noqa: BLE001 - any error of listening ends the command, with its text
            heard.put(partial(_end, error))
            return


def _end(error: Exception) -> None:
    raise error


def _hear(tool: Tool, floor: Floor, heard: "SimpleQueue[Callable[[], None]]", over: threading.Event) -> None:
    refused = [name for name, granted in tool.subscribe(*floor.filters).items() if not granted]
    if refused:
        raise BrokerUnavailable(f"it refuses {', '.join(refused)} to this login")
    while not over.is_set():
        message = tool.next(_LOOK_S)
        if message is None:
            tool.check()
        else:
            heard.put(partial(floor.hear, message.topic, bytes(message.payload), retained=message.retain))
