"""What devices say, and how they say it: messages, decoders, barcodes, agents and simulators.

This package is upstream of the gateway and knows nothing of it.
"""
