"""The wire: MQTT packets on one byte stream, and one connection's life."""
