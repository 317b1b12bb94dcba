"""Printed cards: those of the master data, laid out on sheets and label rolls."""

from gateway.service.labels.cards import KINDS, Card, cards_of
from gateway.service.labels.drawings import to_pdf, to_svg
from gateway.service.labels.sheets import PAPERS, SYMBOLS, Paper, Sheets, lay_out, paper_of

__all__ = [
    "KINDS",
    "PAPERS",
    "SYMBOLS",
    "Card",
    "Paper",
    "Sheets",
    "cards_of",
    "lay_out",
    "paper_of",
    "to_pdf",
    "to_svg",
]
