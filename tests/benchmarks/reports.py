"""What each report costs on the demo's ledger with a thousand documents of 13 months, and with so many of five years.

    python -m tests.benchmarks.reports --documents 5000000

The demo is run, its ledger copied twice and filled: its documents with all that stands under them again and again, each
copy earlier, with the runs, orders, statistics and closed periods of the days that they cover: once a thousand of 13
months, so that each list is as long as it is printed, and once so many of five years. Processor time of one command
in a warm process, as the median of some; of the whole program, with its start, on the demo's ledger, as the least of
some; nothing is compared with a target. With `--pages` it is the first page of each list of the web pages, with the
processor time of its question to the ledger.
"""

import argparse
import io
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from gateway.cli.root import main as backflush
from gateway.ledger.database.connection import open_database
from gateway.ledger.store.load import master_bytes
from gateway.masterdata.build import build
from gateway.masterdata.tables import tables_in
from gateway.web.hour_lists import HOURS
from gateway.web.lists import WorkList, read_query
from gateway.web.rights import EVERY_LINE, SCOPES_OF, Visitor
from gateway.web.task_lists import TASKS
from gateway.web.work_lists import LISTS

REPORTS = (
    *("stock", "documents", "documents --line 1000/L04", "production --since 2026-11-01", "points", "collectors"),
    *("devices", "statistics --since 2026-11-01", "orders", "orders --line 1000/L04", "orders --open", "worklist"),
    *("lines", "runs", "runs --line 1000/L04", "runs --material MOTOR-24", "periods", "holds", "imports"),
    *("curve 1000/L04", "documents --material MOTOR-24", "documents --device c-L04-good", "corrections"),
)
FEW, DAYS = 400, 1825
_ASKED = {"hours": {"line": "1000/L04"}, "stock": {"material": "MOTOR-24"}}
"""What the pages are asked for that show nothing without."""
UNDER = ("confirmations", "material_items", "activity_items", "sources", "reductions", "worklist_rows")
_DATED = {
    "entered_at": "{0} - day * 86400000000",
    **dict.fromkeys(("posting_date", "production_date"), "date({0}, '-' || day || ' days')"),
    **dict.fromkeys(("number", "document"), "{0} + base"),
    "posted_by": "CASE {0} WHEN 0 THEN 0 ELSE {0} + base END",
    "state": "'posted'",
}


_OF_EACH_DAY = (
    (
        "INSERT OR IGNORE INTO statistics SELECT plant, date(date, '-' || day || ' days'), shift, line, material,"
        " version, measure, detail, unit, quantity FROM statistics, days"
    ),
    (
        "INSERT OR IGNORE INTO hours SELECT plant, line, date(date, '-' || day || ' days'),"
        " quarter - day * 86400000000, shift, material, version, yield, scrap, rework FROM hours, days"
    ),
    *(
        f"INSERT OR IGNORE INTO runs SELECT plant, line, start_at - day * 86400000000 - {shift} * 28800000000,"  # noqa: S608 - a number
        " start_at - day * 86400000000, material, version, batch, sales_order, sales_order_item, revision, actor, 0"
        " FROM runs, days WHERE end_at = 0"
        for shift in range(3)
    ),
    (
        "INSERT INTO orders SELECT planned_order || '-' || day, plant, material, version, line,"
        " date(start_date, '-' || day || ' days'), coalesce(date(nullif(finish_date, ''), '-' || day || ' days'), ''),"
        " quantity, components FROM orders, days"
    ),
    (
        "INSERT OR IGNORE INTO order_segments SELECT planned_order, 'quantity', quantity FROM orders"
        " WHERE planned_order LIKE '%-%'"
    ),
    "INSERT OR IGNORE INTO periods SELECT DISTINCT plant, substr(date, 1, 7), 1 FROM statistics",
)


def _copies(connection: sqlite3.Connection, table: str) -> str:
    """Return the statement that adds all copies of the demo's rows of a table in the order of their keys."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    changed = ", ".join(_DATED.get(name, "{0}").format(f'"{name}"') for name in columns)
    return f"INSERT INTO main.{table} SELECT {changed} FROM copies CROSS JOIN demo.{table}"  # noqa: S608 - our own names


def fill(demo: Path, ledger: Path, documents: int, days: int) -> None:
    """Copy the demo's ledger, and add documents of the days before; numbers go on where the demo's end."""
    shutil.copy(demo, ledger)
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute("ATTACH ? AS demo", [str(demo)])
        # What is added in order to a tree without indexes is written once.
        indexes = connection.execute(
            "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND sql <> ''"
        ).fetchall()
        connection.execute("BEGIN")
        for name, _ in indexes:
            connection.execute(f"DROP INDEX main.{name}")
        # The numbers of a second gateway begin far above those of the first.
        last, there = connection.execute("SELECT max(number), count(*) FROM demo.documents").fetchone()
        copies = max(1, documents // there)
        connection.execute("CREATE TEMP TABLE copies (base INTEGER PRIMARY KEY, day INTEGER)")
        connection.executemany(
            "INSERT INTO copies VALUES (?, ?)",
            ((number * last, 1 + number * days // (copies + 1)) for number in range(1, copies + 1)),
        )
        for table in ("documents", *UNDER):
            connection.execute(_copies(connection, table))
        connection.execute("CREATE TEMP TABLE days (day INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO days VALUES (?)", ((day,) for day in range(1, days)))
        for statement in (*_OF_EACH_DAY, *(sql for _, sql in indexes)):
            connection.execute(statement)
        connection.execute("COMMIT")


def processor_ms(folder: Path, database: Path, report: str, times: int = 5) -> float:
    """Return the processor time of a report, the first of all left out: it loads the program."""
    file = folder / "gateway.toml"
    file.write_text(f'[gateway]\ndata_dir = "{folder}"\n[database]\nurl = "sqlite:///{database}"\n')
    took = []
    for _ in range(times + 1):
        out, err = io.StringIO(), io.StringIO()
        began = time.process_time()
        with redirect_stdout(out), redirect_stderr(err):
            status = backflush(["-c", str(file), "report", *report.split()])
        took.append(time.process_time() - began)
        if status:
            raise SystemExit(f"{report}: {err.getvalue()}")
    return 1000 * median(took[1:])


def page_ms(database: Path, which: WorkList, times: int = 5) -> float:
    """Return the processor time of the question of a list's first page, the first of all left out."""
    engine = open_database(f"sqlite:///{database}")
    visitor = Visitor("bench", "session", SCOPES_OF["admin"], (EVERY_LINE,))
    took = []
    with engine.connect() as connection:
        master = build(tables_in(master_bytes(connection) or b"")).master
        query = read_query(which, _ASKED.get(which.name, {}), visitor, master, time.time_ns() // 1000)
        assert which.report is not None
        for _ in range(times + 1):
            began = time.process_time()
            which.report(connection, query)
            took.append(time.process_time() - began)
    engine.dispose()
    return 1000 * median(took[1:])


def program_ms(folder: Path, database: Path, report: str, times: int = 10) -> float:
    """Return the least processor time of a report by a program of its own, compiled as an installed one is."""
    settings = {
        **os.environ,
        "BACKFLUSH_GATEWAY__DATA_DIR": str(folder),
        "BACKFLUSH_DATABASE__URL": f"sqlite:///{database}",
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    took = []
    for _ in range(1 + times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        words = [sys.executable, "-m", "gateway", "report", *report.split(), "--json"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=settings, cwd=folder)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return 1000 * min(took)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--pages", action="store_true", help="the lists of the web pages instead")
    parser.add_argument("--data-dir", type=Path, help="a demo's, instead of a demo of 20 s")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        demo = options.data_dir or folder / "demo"
        if options.data_dir is None:
            words = ["demo", "--for", "20", "--json", "--seed", "1", "--data-dir", str(demo)]
            subprocess.run([sys.executable, "-m", "gateway", *words], check=True, stdout=sys.stderr, env=os.environ)
        small, big = folder / "small.sqlite", folder / "big.sqlite"
        began = time.monotonic()
        for copy, documents, days in ((small, 1_000, FEW), (big, options.documents, DAYS)):
            fill(demo / "ledger.sqlite", copy, documents, days)
        with closing(sqlite3.connect(big)) as connection:
            many = connection.execute("SELECT count(*) FROM documents").fetchone()[0]
        print(f"{many} documents, filled in {time.monotonic() - began:.0f} s, {big.stat().st_size >> 20} MB\n")
        if options.pages:
            print("| page | 13 months (ms) | five years (ms) | times |\n|---|---:|---:|---:|")
            for which in (*LISTS, *TASKS, HOURS):
                if not which.is_raw:
                    before, after = (page_ms(each, which) for each in (small, big))
                    print(f"| `/{which.name}` | {before:.1f} | {after:.1f} | {after / before:.2f} |", flush=True)
            return
        print("| report | 13 months (ms) | five years (ms) | times | program (ms) |\n|---|---:|---:|---:|---:|")
        for report in REPORTS:
            before, after = (processor_ms(folder, each, report) for each in (small, big))
            whole = program_ms(folder, demo / "ledger.sqlite", report)
            print(f"| `{report}` | {before:.0f} | {after:.0f} | {after / before:.2f} | {whole:.0f} |", flush=True)


if __name__ == "__main__":
    main()
