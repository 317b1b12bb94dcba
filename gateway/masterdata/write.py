"""Export: the tables as a folder of CSV that imports to the same digest.

No cell can carry a formula into a spreadsheet: text that would run as one is refused when it is read
(`cells.clean`), so what is written here is inert and needs no quoting that an import would have to undo.
"""

import csv
from pathlib import Path

from gateway.masterdata.rows import TABLES
from gateway.masterdata.tables import Tables


def export_tables(tables: Tables, folder: Path) -> list[Path]:
    """Write one CSV file per table that is there and return the files.

    Every column is written; other files in the folder are left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table, rows in tables.rows.items():
        path = folder / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(TABLES[table].model_fields), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(row.cells() for row in rows)
        written.append(path)
    return written
