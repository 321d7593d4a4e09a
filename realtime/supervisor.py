"""The master: forks workers, replaces the dead, the hung and the heavy, loads new code, drains. It serves nobody."""

import gc
import json
import logging
import os
import select
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from config.settings import Settings
from realtime import admin, child, doors, handover, version, worker
from realtime.child import Child
from realtime.handover import Handover, Trial

TICK = 0.1  # seconds between two looks at everything
READY_WITHIN = 10.0  # seconds a new process has until it serves
HUNG_AFTER = (
    8.0  # seconds of silence after which a process is hung; health is red since 3.5, and no honest pause is so long
)
TRIED_WITHIN = 60.0  # seconds new code has to show that it starts; it takes one, and gives way to visitors
LAST_SIGHT = 0.5  # seconds a hung process has to write down where it hangs
STOP_WITHIN = 30.0  # seconds from SIGTERM to SIGKILL; 20,000 sockets are handed over in 20
SHORT_LIFE = 1.0  # seconds; a child that dies younger is not replaced at once
APART = 60.0  # seconds between two replacements of one worker for its weight: a ceiling too low must not churn
REPORT_EVERY = 1.0  # seconds
ADMIN = "admin"

logger = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Run a node until SIGTERM or SIGINT; the exit code. Raises CannotStart."""
    handed = handover.receive(os.environ, now=time.monotonic())
    if handed is None:
        handed = Handover(doors.visitors(settings), doors.ops(settings))
        doors.raise_limit()
    else:
        doors.enough(handed.doors, settings)
        for door, name, port in (
            (handed.doors[0], "REALTIME_PORT", settings.realtime_port),
            (handed.page, "ADMIN_PORT", settings.admin_port),
        ):
            if doors.moved(door, port):
                logger.warning("%s changes when the node is started anew; a reload keeps its doors open.", name)
    return Master(settings, handed).run()


class Master:
    """Keeps one process running in each seat."""

    def __init__(self, settings: Settings, handed: Handover) -> None:
        """Begin, or go on where the code before this one stopped."""
        self._settings = settings
        self._doors = handed.doors
        self._page = handed.page
        self._drained = handed.drained
        self._counts = Counter(handed.counts)
        self._serving = {one.seat: one for one in handed.children if not one.due}
        self._leaving = [one for one in handed.children if one.due]
        self._coming: dict[str, Child] = {}  # they take their seats together, when all are ready
        self._lives: dict[str, Callable[[socket.socket], None]] = {ADMIN: self._be_admin}
        for slot in range(settings.realtime_workers):
            self._lives[f"worker {slot}"] = self._worker_of(slot)
        self._wanted = set(self._lives) if self._serving else set()  # seats whose holders are to be replaced
        self._tried: dict[str, float] = {}  # seat -> when somebody was last born for it
        self._lightened: dict[str, float] = {}  # seat -> when its holder was last replaced for its weight
        self._trial: Trial | None = None
        self._trouble = ""  # why the last reload did not happen
        self._stopping = False
        self._ticked = self._reported = time.monotonic()

    def run(self) -> int:
        """Until told to stop; 0."""
        signal.pthread_sigmask(signal.SIG_BLOCK, child.SIGNALS)
        gc.collect()
        gc.freeze()  # what exists now is shared by all workers and never looked at by their collectors
        while not self._stopping or self._all():
            self._look_around(time.monotonic())
            lines = select.poll()
            for one in self._all():
                lines.register(one.line, select.POLLIN)
            lines.poll(TICK * 1000)
            # Not sigtimedwait: in CPython it names a signal that never came when this process is stopped and goes on.
            for name in signal.sigpending() & child.SIGNALS:
                signal.sigwait({name})
                self._signalled(signal.Signals(name), time.monotonic())
        return 0

    def _look_around(self, now: float) -> None:
        if now - self._ticked > HUNG_AFTER / 2:
            for one in self._all():  # this very process was stopped; the silence was its own
                one.heard = now
        self._ticked = now
        self._listen(now)
        self._bury(now)
        if self._stopping:
            self._leave_last(now)
        else:
            self._judge(now)
            self._end_the_hung(now)
            self._replace(now)
            self._fill(now)
        self._kill_the_late(now)
        self._report(now)

    def _signalled(self, name: signal.Signals, now: float) -> None:
        if name in (signal.SIGTERM, signal.SIGINT):
            self._stop(now)
        elif name is signal.SIGHUP and not self._stopping:
            logger.info("Trying the new code and settings.")
            if self._trial is not None:
                self._trial.end()
            self._trial = Trial(until=now + TRIED_WITHIN)

    # Births and deaths

    def _fill(self, now: float) -> None:
        for seat in self._lives:
            empty = seat not in self._serving and seat not in self._coming
            if empty and now - self._tried.get(seat, -SHORT_LIFE) >= SHORT_LIFE:
                self._serving[seat] = self._fork(seat, now)

    def _fork(self, seat: str, now: float) -> Child:
        self._tried[seat] = now
        return child.fork(seat, self._lives[seat], close=[one.line for one in self._all()], now=now)

    def _be_admin(self, line: socket.socket) -> None:
        for door in self._doors:
            door.close()
        admin.serve(self._settings, self._page, line=line)

    def _worker_of(self, slot: int) -> Callable[[socket.socket], None]:
        def live(line: socket.socket) -> None:
            mine = self._doors[slot :: self._settings.realtime_workers]
            for door in (self._page, *(one for one in self._doors if one not in mine)):
                door.close()
            worker.serve(self._settings, mine, slot=slot, line=line, drained=self._drained)

        return live

    def _bury(self, now: float) -> None:
        self._leaving = [one for one in self._leaving if not one.died()]
        for seat, one in list(self._serving.items()):
            if cause := one.died():
                logger.error("%s (pid %d) died with %s; replacing it.", seat, one.pid, cause)
                self._counts["died"] += 1
                del self._serving[seat]
        for seat, one in list(self._coming.items()):
            # With the first that died the others were sent away: those are buried among the leaving.
            if seat in self._coming and (cause := one.died()):
                del self._coming[seat]
                self._give_up(f"the new {seat} died with {cause}", now)

    def _end_the_hung(self, now: float) -> None:
        for seat, one in list(self._serving.items()):
            if now - one.heard > (HUNG_AFTER if one.ready else READY_WITHIN):
                logger.error("%s (pid %d) is hung; killing and replacing it.", seat, one.pid)
                self._counts["hung"] += 1
                del self._serving[seat]
                one.signal(signal.SIGUSR1)
                one.due = now + LAST_SIGHT
                self._leaving.append(one)

    def _dismiss(self, one: Child, now: float) -> None:
        one.due = now + STOP_WITHIN
        one.signal(signal.SIGTERM)
        self._leaving.append(one)

    def _kill_the_late(self, now: float) -> None:
        for one in self._leaving:
            if now > one.due:
                logger.error("%s (pid %d) did not leave; killing it.", one.seat, one.pid)
                one.due = now + STOP_WITHIN
                one.signal(signal.SIGKILL)

    def _stop(self, now: float) -> None:
        """Everybody leaves, the admin last; told a second time, nobody takes their time."""
        if self._stopping:
            for one in self._leaving:
                one.signal(signal.SIGTERM)
            return
        self._stopping = True
        self._reported -= REPORT_EVERY
        self._report(now)
        if self._trial is not None:
            self._trial.end()
        for door in self._doors:
            door.close()  # so that a balancer sends newcomers elsewhere at once
        for one in (*self._coming.values(), *self._serving.values()):
            if one.seat != ADMIN:
                self._dismiss(one, now)
        self._coming = {}
        self._serving = {seat: one for seat, one in self._serving.items() if seat == ADMIN}

    def _leave_last(self, now: float) -> None:
        if not self._leaving and self._serving:
            self._dismiss(self._serving.pop(ADMIN), now)

    # New before old

    def _replace(self, now: float) -> None:
        late = [one.seat for one in self._coming.values() if not one.ready and now - one.born > READY_WITHIN]
        if late:
            self._give_up(f"the new {late[0]} is not ready after {READY_WITHIN:.0f} s", now)
        elif self._coming and all(one.ready for one in self._coming.values()):
            self._swap(now)
        elif self._wanted and not self._coming:
            self._coming = {seat: self._fork(seat, now) for seat in sorted(self._wanted & set(self._lives))}
            self._wanted.clear()

    def _swap(self, now: float) -> None:
        """All at once, so that nobody who is sent away comes to one who is sent away next."""
        for seat, old in list(self._serving.items()):
            if seat in self._coming or seat not in self._lives:
                self._dismiss(old, now)
                del self._serving[seat]
        self._serving |= self._coming
        self._coming = {}
        self._trouble = ""

    def _give_up(self, why: str, now: float) -> None:
        self._trouble = f"The old processes stay: {why}."
        logger.error(self._trouble)
        for one in self._coming.values():
            self._dismiss(one, now)
        self._coming = {}
        self._wanted.clear()

    def _judge(self, now: float) -> None:
        """The trial's end: the new code takes over, or the old one goes on."""
        why = self._trial.verdict(now) if self._trial is not None else None
        if self._trial is None or why is None or self._coming:
            return
        self._trial.end()
        self._trial = None
        if not why:
            logger.info("The new code takes over; the sockets of the old one are told to come again.")
            counts = {**self._counts, "reloads": self._counts["reloads"] + 1}
            handed = Handover(self._doors, self._page, [*self._all()], drained=self._drained, counts=counts)
            self._report(now, leaping=True)
            try:
                handed.leap()
            except OSError as gone:
                why = f"{handover.AGAIN[0]} cannot be run ({gone.strerror})"
        self._trouble = f"The old code stays, because the new one does not start: {why}."
        logger.error(self._trouble)

    # What is said

    def _listen(self, now: float) -> None:
        for one in self._all():
            for message in one.messages(now):
                if message == child.READY:
                    one.ready = True
                    self._reported -= REPORT_EVERY  # a new admin knows nothing yet
                elif message == child.HEAVY:
                    self._lighten(one, now)
                elif one.seat == ADMIN:
                    self._obey(json.loads(message))
                else:
                    self._tell_admins(message)

    def _lighten(self, one: Child, now: float) -> None:
        seat = one.seat
        if self._serving.get(seat) is one and now - self._lightened.get(seat, -APART) > APART and not self._stopping:
            self._lightened[seat] = now
            self._counts["heavy"] += 1
            self._wanted.add(seat)
            logger.warning("%s (pid %d) is above REALTIME_MEMORY; replacing it.", seat, one.pid)

    def _obey(self, command: dict[str, Any]) -> None:
        """What ops ask for on the admin's page."""
        asked = next((one for one in self._serving.values() if one.pid == command.get("pid")), None)
        match command.get("do"):
            case "reload":
                os.kill(os.getpid(), signal.SIGHUP)
            case "drain" | "serve" as what:
                self._drained = what == "drain"
                for one in (*self._serving.values(), *self._coming.values()):
                    if one.seat != ADMIN:
                        one.tell(json.dumps(command).encode())
            case "replace" if asked is not None:
                self._wanted.add(asked.seat)
            case "cut" if asked is not None:
                asked.tell(json.dumps(command).encode())

    def _report(self, now: float, *, leaping: bool = False) -> None:
        if now - self._reported < REPORT_EVERY and not leaping:
            return
        self._reported = now
        mine = {
            "pid": os.getpid(),
            "version": version.RUNNING,
            "living": [one.pid for one in self._all()],
            "drained": self._drained,
            "stopping": self._stopping,
            "leaping": leaping,
            "trouble": self._trouble,
            "counts": dict(self._counts),
        }
        self._tell_admins(json.dumps({"master": mine}).encode())

    def _tell_admins(self, message: bytes) -> None:
        for one in (self._serving.get(ADMIN), self._coming.get(ADMIN)):
            if one is not None:
                one.tell(message)

    def _all(self) -> Iterable[Child]:
        return [*self._serving.values(), *self._coming.values(), *self._leaving]
