"""Simulated plants that publish over real MQTT and know the truth.

A `Plant` is made of `CounterSpec` and `ScannerSpec`, `Faults` and a seed; `run` publishes, `settle` lets every device
say its last word, and `truth` tells what was really made. What a gateway counted must then be equal to it.
"""

from devices.simulators.plants import Plant, Truth
from devices.simulators.specs import Code, CounterSpec, Faults, ScannerSpec, Telegram
from devices.simulators.uplinks import Broker, Unreachable

__all__ = ["Broker", "Code", "CounterSpec", "Faults", "Plant", "ScannerSpec", "Telegram", "Truth", "Unreachable"]
