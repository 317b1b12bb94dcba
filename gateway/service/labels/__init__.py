"""Printed cards: those of the master data, laid out on sheets and label rolls."""
