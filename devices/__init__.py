"""Devices' messages and formats: messages, decoders, barcodes, agents and simulators.

This package is upstream of the gateway and does not know it.
"""
