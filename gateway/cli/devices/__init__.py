"""Commands for devices, labels and the broker."""
