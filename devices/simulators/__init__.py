"""Simulated plants that publish over real MQTT and know the truth.

A `ForeignPlant` is made of machines of other makers, one for each publisher.

A `SimulatedPlant` is made of `CounterSpec` and `ScannerSpec`, `Faults` and a seed; `run` publishes, `settle` lets every
device send its last telegrams, and `truth` returns the pieces really made. A gateway must then have counted exactly
those.
"""

from devices.simulators.foreign_plants import ForeignPlant
from devices.simulators.plants import SimulatedPlant, Truth
from devices.simulators.specs import Code, CounterSpec, Faults, Past, ScannerSpec, Telegram
from devices.uplinks import BrokerAccess, Unreachable

__all__ = [
    "BrokerAccess",
    "Code",
    "CounterSpec",
    "Faults",
    "ForeignPlant",
    "Past",
    "ScannerSpec",
    "SimulatedPlant",
    "Telegram",
    "Truth",
    "Unreachable",
]
