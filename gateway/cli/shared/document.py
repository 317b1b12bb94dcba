"""A document of a dry run, printed for a person."""

from collections.abc import Mapping
from typing import Any

import click

from gateway.cli.shared.output import money, print_records


def print_document(document: Mapping[str, Any]) -> None:
    """Print a document of a dry run: its bracket, its items, and the processes that would wait."""
    bracket = "type material version posting_date=date shift >yield >scrap >rework"
    print_records([document], bracket, empty="")
    tables = (
        ("goods movements", "items", "movement material >quantity unit location batch >amount currency"),
        ("activities", "activities", "activity >hours work_center cost_center >amount currency"),
        ("waits in the worklist", "waiting", "process point timing >units"),
        ("missing, goes to the backlog", "backlog", "material >quantity unit location movement cause"),
    )
    for title, name, columns in tables:
        if document[name]:
            click.secho(f"-- {title}", bold=True)
            print_records(document[name], columns, empty="", row=lambda row: {
                **row, "amount": money(row.get("amount", ""), document["currency"]), "currency": document["currency"]
            })  # fmt: skip
