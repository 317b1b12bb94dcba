"""Lines for Home Assistant: a retained configuration of each, whose sensors read the line's status topic.

By its discovery Home Assistant needs no settings for them; it removes a line whose configuration is emptied.
"""

from typing import Final, Literal, NotRequired

from typing_extensions import TypedDict

from gateway.mqtt.topics import Topics
from gateway.service.program import program_version
from gateway.service.tell.messages import Message, encode


class HomeSensor(TypedDict):
    """A sensor of a line."""

    platform: Literal["sensor"]
    unique_id: str
    name: str
    value_template: str
    unit_of_measurement: NotRequired[str]
    state_class: NotRequired[str]


class HomeDevice(TypedDict):
    """A line, as a device."""

    identifiers: list[str]
    name: str
    model: str


class HomeOrigin(TypedDict):
    """The program that publishes a configuration."""

    name: str
    sw_version: str


class HomeAvailability(TypedDict):
    """A topic by which the sensors are available or not."""

    topic: str
    value_template: str


class HomeLine(TypedDict):
    """The configuration of a line."""

    device: HomeDevice
    origin: HomeOrigin
    state_topic: str
    qos: Literal[1]
    availability: list[HomeAvailability]
    components: dict[str, HomeSensor]


_SENSORS: Final = (
    ("counted", "Counted", "value_json.counted", "pcs", "total_increasing"),
    ("posted", "Posted", "value_json.posted", "pcs", "total"),
    ("open", "Open", "value_json.open", "pcs", "measurement"),
    ("scrap", "Scrap", "value_json.scrap", "pcs", "total"),
    ("rate", "Rate", "value_json.rate_per_min", "pcs/min", "measurement"),
    ("state", "State", "'silent' if value_json.stale_devices else 'run' if value_json.run else 'no run'", "", ""),
)
"""Id, name, value of a template, unit, class. A posting can be reversed, so only the counted pieces never fall."""


class HomeAssistant:
    """Publishes lines for Home Assistant, each once per connection to the broker; none unless it is `on`."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self.on = False
        self._shown: set[tuple[str, str]] = set()

    def begin_anew(self) -> None:
        """Publish every line again: the broker may have lost them. Any thread may ask for it."""
        self._shown = set()

    def show(self, plant: str, line: str) -> list[Message]:
        """Return the configuration of a line, unless it was published already."""
        if not self.on or (plant, line) in self._shown:
            return []
        self._shown.add((plant, line))
        topic = self._topics.home_assistant(plant, line)
        return [Message(topic, encode(self._line(plant, line)), retain=True)]

    def _line(self, plant: str, line: str) -> HomeLine:
        name = f"{self._topics.base}/{plant}/{line}"
        sensors: dict[str, HomeSensor] = {}
        for key, label, value, unit, state_class in _SENSORS:
            sensors[key] = {
                "platform": "sensor",
                "unique_id": f"{name}/{key}",
                "name": label,
                "value_template": f"{{{{ {value} }}}}",
            }
            if unit:
                sensors[key] |= {"unit_of_measurement": unit, "state_class": state_class}
        return {
            "device": {"identifiers": [name], "name": f"{plant}/{line}", "model": "Production line"},
            "origin": {"name": "Backflush gateway", "sw_version": program_version()},
            "state_topic": self._topics.status(plant, line),
            "qos": 1,
            "availability": [{"topic": self._topics.state, "value_template": "{{ value_json.state }}"}],
            "components": sensors,
        }
