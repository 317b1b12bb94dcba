"""A plant of three lines for the simulated core, and devices that know what they have made.

L01 makes PUMP by one counter of good and scrap, and posts at once. L02 makes VALVE with a reporting point on the way,
and posts its issues in the background. L03 makes CABLE by scans, of a component that runs short. L09 makes nothing
until an import says so: its counter is quarantined until then.
"""

import json
import random
from pathlib import Path

from gateway.masterdata.importing import prepare
from gateway.masterdata.tables import Tables, dump_tables
from tests.simulation.core_broker import Message

TABLES = {
    "plants": "plant,name,time_zone\n1000,Works,Europe/Berlin",
    "shifts": "plant,shift,days,start,end\n1000,early,Mon-Sun,06:00,14:00\n1000,late,Mon-Sun,14:00,22:00",
    "storage_locations": "plant,location,negative_stock\n1000,RM01,yes\n1000,FG01,yes\n1000,TIGHT,no",
    "materials": """plant,material,unit,decimals,standard_price,issue_location,receiving_location,rem_profile
1000,PUMP,PC,0,31.80,FG01,FG01,NOW
1000,VALVE,PC,0,12.50,FG01,FG01,LATER
1000,CABLE,PC,0,1.98,FG01,FG01,NOW
1000,RING,PC,0,0.12,RM01,RM01,
1000,GLUE,KG,3,64,RM01,RM01,
1000,PLUG,PC,0,0.52,TIGHT,TIGHT,""",
    "boms": "plant,material,alternative,base_quantity\n1000,PUMP,1,1\n1000,VALVE,1,1\n1000,CABLE,1,1",
    "bom_items": """plant,material,alternative,item,component,quantity,unit,operation
1000,PUMP,1,0010,RING,2,PC,
1000,PUMP,1,0020,GLUE,0.3333,KG,
1000,VALVE,1,0010,RING,1,PC,0010
1000,VALVE,1,0020,GLUE,0.0507,KG,0020
1000,CABLE,1,0010,PLUG,1,PC,""",
    "work_centers": "plant,work_center\n1000,W1",
    "activity_rates": "plant,work_center,activity,rate_per_hour\n1000,W1,LABOUR,41.50",
    "routings": "plant,material,routing,base_quantity\n1000,PUMP,1,100\n1000,VALVE,1,60\n1000,CABLE,1,1",
    "operations": """plant,material,routing,operation,work_center,reporting_point
1000,PUMP,1,0010,W1,no
1000,VALVE,1,0010,W1,yes
1000,VALVE,1,0020,W1,no
1000,CABLE,1,0010,W1,no""",
    "operation_activities": """plant,material,routing,operation,activity,hours
1000,PUMP,1,0010,LABOUR,1.5
1000,VALVE,1,0010,LABOUR,1
1000,VALVE,1,0020,LABOUR,0.7""",
    "production_versions": """plant,material,version,bom_alternative,routing,line,valid_from
1000,PUMP,0001,1,1,L01,2026-01-01
1000,VALVE,0001,1,1,L02,2026-01-01
1000,CABLE,0001,1,1,L03,2026-01-01""",
    "rem_profiles": """profile,reporting_points,goods_issue_timing,activity_timing,cumulate_goods_issues
NOW,none,online,update,no
LATER,mandatory,background,background,yes""",
    "devices": """device,plant,line,operation,kind,role,window,first
pumps,1000,L01,,counter,good,reading,zero
valves-0010,1000,L02,0010,counter,good,3s,zero
valves,1000,L02,,counter,good,7pc,zero
scanner,1000,L03,,scanner,good,,
strange,1000,L09,,counter,good,,zero""",
    "aliases": "code,kind,value\nCARD,version,CABLE/0001",
    "runs": """plant,line,material,version,start,end
1000,L01,PUMP,0001,2026-01-01T00:00,
1000,L02,VALVE,0001,2026-01-01T00:00,
1000,L03,CABLE,0001,2026-01-01T00:00,""",
    "opening_stock": "plant,material,location,quantity\n1000,PLUG,TIGHT,9",
}
LINE_NINE = "\n1000,PUMP,0009,1,1,L09,2026-01-01"
COUNTERS = {"pumps": "L01", "valves-0010": "L02", "valves": "L02", "strange": "L09"}


def tables(folder: Path, *, glue: str = "0.3333", nine: bool = False) -> bytes:
    """Return the master data as it travels, with some quantity of glue per pump."""
    folder.mkdir()
    for name, text in TABLES.items():
        if name == "production_versions" and nine:
            text += LINE_NINE  # noqa: PLW2901 - one more row
        (folder / f"{name}.csv").write_text(text.replace("0.3333", glue) + "\n", encoding="utf-8")
    prepared = prepare(folder, Tables())
    assert not prepared.refused, "\n".join(map(str, prepared.findings))
    return dump_tables(prepared.new)


class Counter:
    """A counter: it reports all that it has made in this life, and keeps the last word of each earlier one."""

    def __init__(self, device: str, chance: random.Random) -> None:
        self._chance = chance
        self.device = device
        self.line = COUNTERS[device]
        self._life = 0
        self._sequence = 0
        self._totals = [0, 0]
        self.last_words: list[Message] = []
        self.made = 0
        """What it has ever made: the truth."""

    def speak(self) -> Message:
        """Make some pieces, and report."""
        pieces = self._chance.choice([0, 1, 1, 2, 5, 40])
        scrapped = self._chance.choice([0, 0, 0, 1]) if self.device != "valves-0010" else 0
        self.made += pieces + scrapped
        self._totals[0] += pieces
        self._totals[1] += scrapped
        return self._report()

    def restart(self) -> None:
        """Begin a new life at zero."""
        self.last_words.append(self._report())
        self._life += 1
        self._sequence = 0
        self._totals = [0, 0]

    def say_all(self) -> list[Message]:
        """Report what is known: the end of each life, and how far this one has come."""
        return [*self.last_words, self._report()]

    def _report(self) -> Message:
        self._sequence += 1
        good, scrap = self._totals
        body = {"good": good, "boot": f"life-{self._life}", "seq": self._sequence}
        if self.device != "valves-0010":
            body["scrap"] = scrap
        return Message(f"bf/v1/1000/{self.line}/{self.device}/count", json.dumps(body).encode())


class Asker:
    """Somebody who asks and repeats the question until it is answered: a scanner, or a person with requests."""

    def __init__(self) -> None:
        self.open: dict[str, Message] = {}
        self.answers: dict[str, dict[str, object]] = {}
        self.given_up: set[str] = set()
        """Scans that were told to be not stored, and were scanned again under another id."""
        self._number = 0

    def scan(self) -> Message:
        """Scan a card that stands for one cable."""
        self._number += 1
        name = f"scan-{self._number}"
        body = json.dumps({"id": name, "data": "CARD"}).encode()
        return self._ask(name, Message("bf/v1/1000/L03/scanner/scan", body))

    def request(self, verb: str, line: str, data: dict[str, object]) -> Message:
        """Ask for something by a transaction of its own."""
        self._number += 1
        name = f"{verb}-{self._number}"
        body = {"transaction": name, "actor": "anna", "reason": "wrong label", "data": data}
        return self._ask(name, Message(f"bf/v1/1000/{line}/_request/{verb}", json.dumps(body).encode()))

    def hear(self, name: str, answer: dict[str, object]) -> None:
        """Take the answer to a question; the same question has one answer, however often it is given."""
        if self.open.pop(name, None) is not None:
            self.answers[name] = answer

    def scan_again(self, name: str) -> Message | None:
        """Scan anew, under an id of its own, what was told to be not stored; None if it was answered otherwise."""
        if self.open.pop(name, None) is None:
            return None
        self.given_up.add(name)
        return self.scan()

    def _ask(self, name: str, message: Message) -> Message:
        self.open[name] = message
        return message
