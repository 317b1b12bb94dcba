"""The watch: checks every few seconds things that send no reports, and raises alerts.

disk          nearly full, or files that others can read
clock         the machine's clock was set while the gateway ran
certificates  expire soon, or have expired
figures       of the ledger: quarantine, backlog, their age, silent or faulty devices
"""

import asyncio
import logging
import shutil
from typing import NamedTuple

from gateway.backflush.values.quantities import number_of
from gateway.journal import SET_US
from gateway.ledger.store.server_settings import RIGHTS
from gateway.mqtt.certificate import Ending, ending
from gateway.service.parts import Part
from gateway.service.tell.alerts import Alerts, name_some
from gateway.service.tell.loop_report import HealthFigures
from gateway.service.times import DOUBT_S, SteadyClock, iso
from gateway.service.watch.file_permissions import LoosePermissions, too_wide
from gateway.settings import Settings

log = logging.getLogger("backflush")

STEP_LASTS_S = 3600
STANDS_S = 5.0
"""A longer write is reported, and silence meanwhile is not blamed on the devices."""
PLENTY = 2
"""The disk is nearly full below this multiple of the space to be left free."""


class Disk(NamedTuple):
    """The result of a look at the disk."""

    free: int | None
    """Free bytes; None: unknown."""
    wide: tuple[LoosePermissions, ...]
    ends: tuple[Ending, ...]


class Watch(Part):
    """Watches disk, clock and figures; `look` is called every few seconds."""

    every_s = 2.0

    def __init__(self, settings: Settings, alerts: Alerts, clock: SteadyClock) -> None:
        self._settings = settings
        self._alerts = alerts
        self._clock = clock
        self._ahead = clock.wall() / 1e6 - clock.monotonic()
        self._told = (clock.followed, False)
        self.ahead = False
        """Whether time runs ahead of the machine's clock, until that has run steadily."""
        self._figures = HealthFigures()
        self._judged: tuple[object, ...] = ()
        self._rights: list[str] = []
        self.disk = self.read_disk()
        """The last look at the disk; it runs in a thread of its own, because a disk may hang."""

    async def tick(self) -> None:
        """Look at the disk."""
        self.disk = await asyncio.to_thread(self.read_disk)

    def read_disk(self) -> Disk:
        """Look at the disk now."""
        settings = self._settings
        try:
            free = shutil.disk_usage(settings.gateway.data_dir).free
        except OSError:
            free = None  # the journal reports the fault
        wide = tuple(too_wide(settings))
        ends = tuple(ending(self._clock.wall() / 1e6, settings.certificates))
        return Disk(free, wide, ends)

    def look(self) -> bool:
        """Look at disk, clock and certificates, and expire alerts.

        Return whether the time, or its doubt, has changed.
        """
        self._look_at_disk()
        before, self._told = self._told, self._look_at_clock()
        self._look_at_certificates()
        self._look_at_ages()
        self._alerts.expire()
        return before != self._told

    def stands(self, stands_s: float) -> bool:
        """Return whether a write into the journal has hung for too long."""
        if stands_s < STANDS_S:
            return False
        what = f"the disk of the journal has not answered a write for more than {STANDS_S:.0f} s"
        hint = "nothing is acknowledged until it does; check the disk, its controller or its network"
        self._alerts.set("journal", what, severity="error", hint=hint)
        return True

    def _look_at_disk(self) -> None:
        folder, least = self._settings.gateway.data_dir, self._settings.journal.min_free
        free = self.disk.free
        if free is None:
            return
        self._alerts.when(
            "disk",
            free < PLENTY * least,
            f"{free >> 20} MB are free on the disk of {folder}; below {least >> 20} MB nothing is stored",
            severity="error" if free <= least else "warning",
            about=str(folder),
            hint="make room, or shorten journal.keep_days",
        )
        wide = self.disk.wide
        self._alerts.when(
            "file-rights",
            wide,
            name_some([str(each) for each in wide]),
            about=str(wide[0].path) if wide else "",
            hint="; ".join(each.hint for each in wide),
        )

    def _look_at_certificates(self) -> None:
        found = self.disk.ends
        self._alerts.when(
            "certificate",
            found,
            "; ".join(map(str, found)),
            severity="error" if any(each.over for each in found) else "warning",
            about=str(found[0].path) if found else "",
            hint="renew it in place: the next connection takes the new one; without it the gateway will not get in",
        )

    def _look_at_clock(self) -> tuple[int, bool]:
        ahead = self._clock.wall() / 1e6 - self._clock.monotonic()
        step, self._ahead = ahead - self._ahead, ahead
        if abs(step) * 1e6 >= SET_US:
            self._alerts.set(
                "clock-step",
                f"this machine's clock was set {'forward' if step > 0 else 'back'} by {abs(step):.0f} s while the "
                "gateway ran",
                hint="let it follow a time server (NTP) that slews; check the posting dates since then",
                lasting_s=STEP_LASTS_S,
            )
        at, beside = self._clock.look()
        self.ahead = beside is not None and at > beside
        if beside is not None and self.ahead:
            self._alerts.set(
                "journal-ahead",
                f"the journal has come to {iso(at)}, and this machine's clock says {iso(beside)}: the clock was ahead, "
                "or is behind now",
                hint=(
                    f"set the clock right: it is used once it has run for {DOUBT_S:.0f} s; device times that agree "
                    "with it are accepted meanwhile; look at the posting dates since"
                ),
                lasting_s=STEP_LASTS_S,
            )
        return self._clock.followed, self.ahead

    def figures(self, figures: HealthFigures) -> None:
        """Raise or clear alerts by the ledger's figures, if these have changed."""
        self._figures, before = figures, self._judged
        self._judged = figures.judged
        if self._judged == before:
            return
        self._alerts.when(
            "no-master-data",
            not figures.digest,
            "no master data is in force: nothing can be posted, and device messages wait in quarantine",
            hint="backflush masterdata import DIR",
        )
        self._alerts.when(
            "quarantine",
            figures.quarantine,
            f"{number_of(figures.quarantine, 'entry')} open in quarantine",
            hint="backflush quarantine list",
        )
        self._alerts.when(
            "backlog",
            figures.backlog,
            f"{number_of(figures.backlog, 'component')} could not be issued",
            hint="backflush backlog list",
        )
        self._alerts.name(
            "scrap-open",
            figures.scrap_open,
            "scrap was reported and cannot be taken off what is posted",
            "the receipt must be there and in stock, or go on counting; backflush work --line looks again",
        )
        beyond = figures.beyond_orders
        self._alerts.when(
            "sales-order",
            beyond,
            name_some(beyond),
            about=beyond[0].partition(":")[0] if beyond else "",
            hint="backflush run-stop, or begin a run of what is made next; what is too much stays with the sales order",
        )
        self._alerts.when(
            "response-topic",
            figures.refused_replies,
            f"{number_of(figures.refused_replies, 'answer')} asked for outside the sender's prefix: sent as usual",
            hint="let clients choose response topics below their own prefix",
        )
        loses = [setting for setting in figures.weak if setting.name != RIGHTS]
        weak = [f"{setting.text}, expected {setting.expected}" for setting in loses]
        hint, about = (loses[0].hint, loses[0].name) if loses else ("", "")
        self._alerts.name("database-settings", weak, "the database", hint, about=about)
        rights = [f"{setting.text}; {setting.hint}" for setting in figures.weak if setting.name == RIGHTS]
        if rights != self._rights:
            self._rights = rights
            for text in rights:
                log.warning("%s", text)
        self._look_at_ages()
        self._look_at_devices(figures)

    def _look_at_ages(self) -> None:
        figures, now = self._figures, self._clock()
        limits = self._settings.watch
        worklist, backlog = figures.waiting
        waits_s, limit_s = (now - worklist) // 1_000_000, limits.worklist_age
        self._alerts.when(
            "worklist-age",
            figures.worklist and worklist and limit_s and waits_s > limit_s,
            f"the oldest of {figures.worklist} open worklist rows waits for {_hours(waits_s)}",
            hint="run backflush work, or set posting.worklist; check for a hold",
        )
        waits_s, limit_s = (now - backlog) // 1_000_000, limits.backlog_age
        self._alerts.when(
            "backlog-age",
            figures.backlog and backlog and limit_s and waits_s > limit_s,
            f"the oldest of {figures.backlog} open backlog records waits for {_hours(waits_s)}",
            hint="backflush backlog list --sum; post the stock, then backflush backlog retry",
        )

    def _look_at_devices(self, figures: HealthFigures) -> None:
        self._alerts.name(
            "silent",
            sorted(figures.silent),
            "offline, or silent for too long",
            "look at their power and network; their next total includes the missing pieces",
        )
        self._alerts.name(
            "flapping",
            sorted(figures.flapping),
            f"came and went {self._settings.watch.flaps} times within ten minutes",
            "look at their network, and for two devices with one client id",
        )
        self._alerts.name(
            "late-telegrams",
            sorted(figures.late),
            "totals that rise, but are older than what was counted",
            "if it has begun again: backflush devices replace DEVICE DEVICE --begin N",
        )
        self._alerts.name(
            "clock-skew",
            [f"{name} by {off / 1e6:+.0f} s" for name, off in sorted(figures.skewed.items())],
            "clocks of devices are off, so the time of receipt is used",
            "let the devices follow a time server; posting.skew_s is the limit",
            about=sorted(figures.skewed),
        )


def _hours(seconds: int) -> str:
    """Print an age roughly.

    >>> _hours(90), _hours(7200), _hours(200_000)
    ('1 min', '2 h', '2 d')
    """
    for least, length, unit in ((172_800, 86_400, "d"), (3_600, 3_600, "h")):
        if seconds >= least:
            return f"{seconds // length} {unit}"
    return f"{seconds // 60} min"
