"""Processes: an engine that runs trials on this machine, in processes with one thread each.

A process that dies takes its trial with it and nothing else; another one is started in its place.
One that dies before it could take a trial would do so again: that ends the sweep.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from types import ModuleType
from typing import Any

from graphnet.errors import ResourceError
from graphnet.sweeps.trial import Trial, failed, run_trial
from graphnet.training.threads import VARIABLES

Outcome = Mapping[str, Any]
READY = "ready"
"""What a process says once it has loaded everything."""
DIED = "the process of the trial ended with"


class _Worker:
    """One process, and the trial it has."""

    def __init__(self, context: Any) -> None:
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _main_hidden():
            self.process.start()
        theirs.close()
        self.trial: Trial | None = None
        self.ready = False

    def give(self, trial: Trial) -> None:
        """Hand a trial over."""
        self.trial = trial
        with suppress(
            OSError
        ):  # a process that died meanwhile is found out by what it does not answer
            self.connection.send(trial)

    def take(self, stopping: bool, proved: bool) -> dict[str, Any] | None:
        """Return what came of the trial, None where the process only says that it is ready.

        Args:
            stopping: Whether it was told to end, so that its death is no failure of the trial.
            proved: Whether another process came to be ready, so that they can in principle.

        Raises:
            ResourceError: When the process never came to be ready, and no other did (GN533).
        """
        outcome: dict[str, Any]
        try:
            said = self.connection.recv()
        except (EOFError, OSError):
            outcome = self._death(stopping, proved)
        else:
            if said == READY:
                self.ready = True
                return None
            outcome = said
        self.trial = None
        return outcome

    def _death(self, stopping: bool, proved: bool) -> dict[str, Any]:
        self.process.join()
        code = self.process.exitcode or 0
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if not (self.ready or stopping or proved):
            raise _dead(f"a process of the sweep ended with {how} before it could train")
        outcome = failed(self.trial.index if self.trial else -1, f"{DIED} {how}")
        return {**outcome, "status": "interrupted" if stopping else "failed"}

    def stop(self) -> None:
        """Let the process end once its trial is saved."""
        if self.trial is not None and self.process.pid is not None:
            os.kill(self.process.pid, signal.SIGTERM)

    def close(self) -> None:
        """End the process."""
        self.connection.close()
        self.process.join(10)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def in_processes(
    trials: Sequence[Trial], jobs: int, interrupted: Callable[[], bool]
) -> Iterator[Outcome]:
    """Run trials, giving the outcome of each as it comes.

    Args:
        trials: In the order in which they begin.
        jobs: How many at a time.
        interrupted: Asked now and then; once true, no trial begins any more, and those that run are told to
            save and end.

    Raises:
        ResourceError: When a process cannot even start, or each of them died of its trial (GN533).
    """
    context = multiprocessing.get_context("spawn")
    waiting = list(reversed(trials))
    workers: list[_Worker] = []
    lived, died = 0, ""
    with _one_thread_each():
        try:
            while waiting or any(worker.trial for worker in workers):
                stopping = interrupted()
                if stopping:
                    waiting.clear()
                    for worker in workers:
                        worker.stop()
                _fill(workers, waiting, jobs, context)
                proved = bool(lived or died) or any(worker.ready for worker in workers)
                for outcome in _gather(workers, stopping, proved):
                    dead = (outcome["error"] or "").startswith(DIED) and not stopping
                    lived, died = (lived, outcome["error"]) if dead else (lived + 1, died)
                    yield outcome
        finally:
            for worker in workers:
                worker.close()
    if died and not lived:
        raise _dead(f"no trial lived to its end: {died}")


def _dead(message: str) -> ResourceError:
    return ResourceError(
        "GN533",
        message,
        help="run it with jobs=1, in this process alone, to see what happens; where memory is short, "
        "with fewer jobs or a smaller training.batch_size",
        notes=["what the processes said stands above, if they said anything"],
    )


def _fill(workers: list[_Worker], waiting: list[Trial], jobs: int, context: Any) -> None:
    """Give every idle process a trial, and start processes while there are fewer than jobs."""
    while waiting and len(workers) < jobs:
        workers.append(_Worker(context))
        workers[-1].give(waiting.pop())
    for worker in workers:
        if waiting and worker.trial is None:
            worker.give(waiting.pop())


def _gather(workers: list[_Worker], stopping: bool, proved: bool) -> Iterator[Outcome]:
    """Give what is there, waiting a little for it."""
    busy: dict[Any, _Worker] = {w.connection: w for w in workers if w.trial is not None}
    for connection in wait(list(busy), 1.0 if stopping else 0.2):
        worker = busy[connection]
        outcome = worker.take(stopping, proved)
        if not worker.process.is_alive():
            workers.remove(worker)
            worker.close()
        if outcome is not None:
            yield outcome


@contextmanager
def _main_hidden() -> Iterator[None]:
    """Let processes that are started inside not run the user's script again, as they else would.

    What they need is in graphnet alone; and a script that calls `sweep` would call it in each of them.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that are started inside load their linear algebra with one thread."""
    before = {name: os.environ.get(name) for name in VARIABLES}
    os.environ.update(dict.fromkeys(VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _serve(connection: Connection[Any, Any]) -> None:
    """Run trials until nobody sends any more; Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):
        connection.send(READY)
    while True:
        try:
            trial = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(run_trial(trial))
