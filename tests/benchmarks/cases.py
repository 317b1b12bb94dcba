"""What is measured, case by case. Each function is one round: it sets a stage up, measures, and verifies the totals.

Times begin where the first telegram leaves the socket or its sender, and end where the gateway's loop hears of the
commit, which is a little after the commit itself. Nothing here compares a time with a target.
"""

import array
import bisect
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from gateway.service.fold.requests import Request
from gateway.service.local.submission import submit
from tests.benchmarks.figures import Figures
from tests.benchmarks.floor import beside, quantile, two_syncs
from tests.benchmarks.folding import fold_alone
from tests.benchmarks.foreign import count_alone, decode_alone
from tests.benchmarks.importing import imports
from tests.benchmarks.plant import Shape
from tests.benchmarks.processes import ROOT, Commit, Publishing, publish
from tests.benchmarks.publisher import Job, Sent
from tests.benchmarks.rounds import POSTGRES, SQLITE, V3, V5, Bench, Sizes
from tests.benchmarks.stage import UNLIMITED, Stage, WrongTotals
from tests.benchmarks.web import beside_gateway, boards, lists
from tests.servers import Mosquitto


def _run(module: str, *arguments: object) -> str:
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=600).stdout


# -- a backlog


def drain(stage: Stage, many: int, *, laws: bool = True) -> Figures:
    """Queue telegrams at the broker while the gateway is down; start it, and see how long it takes to commit them."""
    publish(stage.job("counts", many))
    after = stage.last_batch()
    with stage.gateway() as gateway:
        committed = gateway.wait_counted(stage.sent)
        began = stage.first_arrival_ns(after)
        posted = stage.await_posted(gateway)
        rss, cpu = gateway.rss_mb, float(gateway.health()["cpu_s"]) - stage.start_cpu_s
    stage.verify(laws=laws)
    seconds = (committed - began) / 1e9
    return {
        "telegrams committed (1/s)": many / seconds,
        "processor time of the gateway for each (us)": cpu / many * 1e6,
        "until every piece is in a document (s)": (posted - began) / 1e9,
        "memory after it (MB)": rss,
    }


def cumulated(bench: Bench, database: str) -> Figures:
    """Account for pieces that share documents, one a line and second, until every piece is in one."""
    many = bench.sizes.backlog
    with bench.stage(database) as stage:
        seconds = drain(stage, many, laws=False)["until every piece is in a document (s)"]
        return {"pieces in documents (1/s)": many / seconds, "pieces in one document": many / stage.verify()}


def backlog(bench: Bench, database: str, protocol: str) -> Figures:
    """Drain a backlog in the base case."""
    with bench.stage(database, protocol=protocol) as stage:
        return drain(stage, bench.sizes.backlog)


def bare(bench: Bench, protocol: str) -> Figures:
    """Drain the same backlog with the gateway's connection alone."""
    many = bench.sizes.backlog
    with Mosquitto(UNLIMITED) as broker:
        _run("bare", broker.url, protocol, 0)
        publish(Job(broker.url, "counts", Shape(), 0, many, 0.0, ""))
        return {"telegrams acknowledged (1/s)": many / float(_run("bare", broker.url, protocol, many))}


def plain(bench: Bench) -> Figures:
    """Drain a backlog with the obvious consumer."""
    many = bench.sizes.plain
    database = bench.postgres().fresh_url().replace("+psycopg", "")
    with Mosquitto(UNLIMITED) as broker:
        _run("plain", broker.url, database, 0)
        publish(Job(broker.url, "counts", Shape(), 0, many, 0.0, ""))
        return {"telegrams committed (1/s)": many / float(_run("plain", broker.url, database, many))}


# -- live


def live(bench: Bench, database: str, rate: int, seconds: float) -> Figures:
    """Publish at a steady rate; the latency is from handing a telegram to the socket to its commit.

    One publisher, one connection: the broker keeps the order, so the n-th telegram sent is the n-th counted.
    """
    many = int(rate * seconds)
    with bench.stage(database) as stage:
        publishing = Publishing(stage.job("counts", many, rate))
        with stage.gateway() as gateway:
            gateway.wait_ready()
            time.sleep(0.5)
            floor = two_syncs(stage.folder)
            publishing.go()
            sent = publishing.wait()
            committed = gateway.wait_counted(many)
            latencies = _latencies(stage, gateway.commits)
            stage.await_posted(gateway)
        stage.verify()
        _not_the_bottleneck(sent, many, rate)
    return {
        "telegrams committed (1/s)": many / ((committed - sent.began_ns) / 1e9),
        "p50 from publishing to commit (ms)": quantile(latencies, 0.5),
        "p99 (ms)": quantile(latencies, 0.99),
        "worst (ms)": max(latencies),
        **beside(floor, latencies),
        "publisher at most late by (ms)": sent.latest_ms,
    }


def _latencies(stage: Stage, commits: list[Commit]) -> list[float]:
    stamps = array.array("q")
    stamps.frombytes(stage.stamps.read_bytes())
    counted = [commit.counted for commit in commits]
    return [(commits[bisect.bisect_left(counted, n)].at_ns - sent) / 1e6 for n, sent in enumerate(stamps, 1)]


def _not_the_bottleneck(sent: Sent, many: int, rate: float) -> None:
    reached = many / sent.seconds
    if reached < 0.98 * rate:
        raise RuntimeError(f"the publisher reached {reached:.0f}/s of {rate}/s: it was the bottleneck")


# -- scans


def feedback(bench: Bench, database: str, rate: int) -> Figures:
    """Scan at a steady rate; the latency is from sending a scan to receiving its feedback."""
    many = int(rate * bench.sizes.scans_s)
    with bench.stage(database) as stage, stage.gateway() as gateway:
        gateway.wait_ready()
        time.sleep(0.5)
        floor = two_syncs(stage.folder)
        job = stage.job("scans", many, rate)
        said = _run("scanner", job.dumps()).split()
        latencies = [float(value) for value in said]
        if len(latencies) != many:
            raise WrongTotals(f"expected feedback to {many} scans, got it to {len(latencies)}")
        stage.await_posted(gateway)
        stage.verify()
    figures = {f"p{share} from scan to feedback (ms)": quantile(latencies, share / 100) for share in (50, 95, 99)}
    return figures | beside(floor, latencies)


def documents(bench: Bench, database: str) -> Figures:
    """Drain a backlog of scans, each of which is a complete document, until all their events are published."""
    many = bench.sizes.documents
    with bench.stage(database) as stage:
        publish(stage.job("scans", many))
        after = stage.last_batch()
        with stage.gateway() as gateway:
            committed = gateway.wait_counted(many)
            published = gateway.wait_published()
            began = stage.first_arrival_ns(after)
        if stage.verify() != many:
            raise WrongTotals("expected one document per scan")
    return {
        "documents committed (1/s)": many / ((committed - began) / 1e9),
        "documents with their events published (1/s)": many / ((max(committed, published) - began) / 1e9),
    }


# -- the background worklist


def worklist(bench: Bench, database: str) -> Figures:
    """Make open rows, two for each document of one reading; fold them by one `work` after another."""
    many = bench.sizes.worklist // 2
    with bench.stage(database, Shape(window="reading", timing="background")) as stage:
        publish(stage.job("counts", many))
        after = stage.last_batch()
        with stage.gateway() as gateway:
            committed = gateway.wait_counted(many)
            making = (committed - stage.first_arrival_ns(after)) / 1e9
            gateway.wait_published()
            began = time.perf_counter()
            rows = 0
            while gateway.health()["worklist"]:
                again = Request(verb="work", transaction=f"w{rows}", actor="benchmark", data={"limit": 100_000})
                answer = submit(stage.settings, again)
                if answer["status"] != "ok":
                    raise WrongTotals(f"work: {answer}")
                rows += 1
            seconds = time.perf_counter() - began
        stage.verify()
    return {"open rows folded (1/s)": 2 * many / seconds, f"{2 * many:,} rows (s)": seconds,
            "documents that leave their rows open (1/s)": many / making}  # fmt: skip


# -- growth


def many_counters(bench: Bench) -> Figures:
    """Drain a backlog of many more counters."""
    with bench.stage(SQLITE, Shape(counters=bench.sizes.counters)) as stage:
        return drain(stage, max(bench.sizes.backlog, bench.sizes.counters))


def long_bom(bench: Bench) -> Figures:
    """Drain a backlog with bills of material of 500 items."""
    with bench.stage(SQLITE, Shape(components=500)) as stage:
        return drain(stage, bench.sizes.backlog)


# -- memory and starting


def memory(bench: Bench) -> Figures:
    """Watch the resident memory from the start to a million telegrams."""
    many, part = bench.sizes.million, bench.sizes.million // 10
    found: Figures = {}
    with bench.stage(SQLITE) as stage, stage.gateway() as gateway:
        gateway.wait_ready()
        time.sleep(1.0)
        found["at the start (MB)"] = gateway.rss_mb
        highest = 0.0
        for done in range(part, many + 1, part):
            publish(stage.job("counts", part, 15_000.0))
            gateway.wait_counted(done)
            highest = max(highest, gateway.rss_mb)
            if done in (part, many // 2, many):
                found[f"after {done:,} (MB)"] = gateway.rss_mb
        found["highest seen (MB)"] = highest
        stage.await_posted(gateway)
        stage.verify(laws=False)
    return found


def starting(bench: Bench) -> Figures:
    """Start with an empty journal, and on a ledger that has something in it."""
    with bench.stage(SQLITE) as stage:
        drain(stage, bench.sizes.backlog // 10, laws=False)
        with stage.gateway() as gateway:
            again = gateway.wait_ready()
        return {"a new gateway to ready (s)": stage.first_start_s, "again (s)": again}


def long_journal(bench: Bench) -> Figures:
    """Start with a journal that is far ahead of the ledger."""
    many = bench.sizes.million
    with bench.stage(SQLITE) as stage:
        stage.journal_ahead(many)
        with stage.gateway() as gateway:
            ready = gateway.wait_ready()
            committed = gateway.wait_counted(many)
            seconds = (committed - gateway.commits[0].at_ns) / 1e9
            rss = gateway.rss_mb
            stage.await_posted(gateway)
        stage.verify(laws=False)
    return {
        "to ready (s)": ready,
        "telegrams committed (1/s)": (many - gateway.commits[0].counted) / seconds,
        "memory after it (MB)": rss,
    }


def _grown_stage(bench: Bench, database: str) -> Stage:
    """Return a stage whose ledger has a long history; it is made in the first round."""

    def make() -> Stage:
        stage = bench.stage(database)
        stage.fill(bench.sizes.items)
        return stage

    return bench.kept(f"grown {database}", make)


def grown(bench: Bench, database: str) -> Figures:
    """Drain a backlog into a ledger with a long history."""
    return drain(_grown_stage(bench, database), bench.sizes.backlog, laws=False)


def long_lists(bench: Bench, database: str) -> Figures:
    """Load lists of the web pages from a ledger with a long history, and from one with a document for each counter."""
    with bench.stage(database) as few:
        drain(few, few.shape.counters)
        return lists(few, _grown_stage(bench, database))


def all_cases(sizes: Sizes) -> dict[str, Callable[[Bench], Figures]]:
    """Name the cases in the order in which a round runs them."""
    cases: dict[str, Callable[[Bench], Figures]] = {}
    both = (SQLITE, POSTGRES)
    for protocol in (V3, V5):
        cases[f"bare, MQTT {protocol}"] = partial(bare, protocol=protocol)
        for database in both:
            name = f"backlog, MQTT {protocol}, {database}"
            cases[name] = partial(backlog, database=database, protocol=protocol)
    cases["plain, MQTT 3.1.1, PostgreSQL"] = plain
    for database in both:
        cases[f"live 12,000/s, {database}"] = partial(live, database=database, rate=12_000, seconds=sizes.live_s)
        cases[f"live 1,000/s, {database}"] = partial(live, database=database, rate=1_000, seconds=sizes.latency_s)
        cases[f"scans 200/s, {database}"] = partial(feedback, database=database, rate=200)
        cases[f"documents, one a scan, {database}"] = partial(documents, database=database)
        cases[f"documents, cumulated, {database}"] = partial(cumulated, database=database)
        cases[f"folding alone, {database}"] = partial(fold_alone, database=database)
        cases[f"worklist, {database}"] = partial(worklist, database=database)
        cases[f"web beside the gateway, {database}"] = partial(beside_gateway, database=database, drain=drain)
    cases["web, boards"] = boards
    cases["decoding alone"] = decode_alone
    cases["counting alone"] = count_alone
    cases[f"backlog, {sizes.counters:,} counters, SQLite"] = many_counters
    cases["backlog, BOM of 500 items, SQLite"] = long_bom
    for database in both:
        cases[f"backlog, ledger of {sizes.items:,} items, {database}"] = partial(grown, database=database)
        cases[f"web, lists of {sizes.items:,} items, {database}"] = partial(long_lists, database=database)
    cases["memory, SQLite"] = memory
    cases["start, SQLite"] = starting
    cases["import of 500 rows into 50,000 materials, SQLite"] = imports
    cases[f"start with {sizes.million:,} unconsumed, SQLite"] = long_journal
    return cases
