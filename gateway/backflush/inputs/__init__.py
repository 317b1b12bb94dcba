"""Inputs: one room for each kind of thing that devices and people say."""
