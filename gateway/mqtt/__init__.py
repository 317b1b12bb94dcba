"""The broker's side: one connection that loses nothing, the topics, and an embedded broker for the demo."""

from gateway.mqtt.broker import Address, Broker, Will
from gateway.mqtt.client import Connection, Up
from gateway.mqtt.wire.link import Terms
from gateway.mqtt.wire.packets import NO_EXTRAS, Delivery, Extras

__all__ = ["NO_EXTRAS", "Address", "Broker", "Connection", "Delivery", "Extras", "Terms", "Up", "Will"]
