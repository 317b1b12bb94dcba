"""Agents: programs beside a line that turn a bare sensor, register or keyboard wedge into a counter or scanner.

`backflush-counter` and `backflush-scanner` share the store, the uplink and most options. They differ in their inputs
and in the event that ends a telegram: the broker's acknowledgement of a total, the gateway's feedback to a scan.
"""
