"""Processes: an engine that runs trials on this machine, in processes with one thread each.

A process that dies takes its trial with it and nothing else; another one is started in its place.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from typing import Any

from graphnet.sweeps.trial import Trial, failed, run_trial
from graphnet.training.threads import VARIABLES

Outcome = Mapping[str, Any]


class _Worker:
    """One process, and the trial it has."""

    def __init__(self, context: Any) -> None:
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.trial: Trial | None = None

    def give(self, trial: Trial) -> None:
        """Hand a trial over."""
        self.trial = trial
        self.connection.send(trial)

    def take(self, stopping: bool) -> tuple[dict[str, Any], bool]:
        """Return what came of the trial, and whether the process can take another.

        Args:
            stopping: Whether it was told to end, so that its death is no failure of the trial.
        """
        index = self.trial.index if self.trial else -1
        self.trial = None
        outcome: dict[str, Any]
        try:
            outcome = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            code = self.process.exitcode or 0
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            outcome = failed(index, f"the process of the trial ended with {how}")
            return {**outcome, "status": "interrupted" if stopping else "failed"}, False
        return outcome, True

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
    """
    context = multiprocessing.get_context("spawn")
    waiting = list(reversed(trials))
    workers: list[_Worker] = []
    with _one_thread_each():
        try:
            while waiting or any(worker.trial for worker in workers):
                stopping = interrupted()
                if stopping:
                    waiting.clear()
                    for worker in workers:
                        worker.stop()
                _fill(workers, waiting, jobs, context)
                yield from _gather(workers, stopping)
        finally:
            for worker in workers:
                worker.close()


def _fill(workers: list[_Worker], waiting: list[Trial], jobs: int, context: Any) -> None:
    """Give every idle process a trial, and start processes while there are fewer than jobs."""
    while waiting and len(workers) < jobs:
        workers.append(_Worker(context))
        workers[-1].give(waiting.pop())
    for worker in workers:
        if waiting and worker.trial is None:
            worker.give(waiting.pop())


def _gather(workers: list[_Worker], stopping: bool) -> Iterator[Outcome]:
    """Give what is there, waiting a little for it."""
    busy: dict[Any, _Worker] = {w.connection: w for w in workers if w.trial is not None}
    for connection in wait(list(busy), 1.0 if stopping else 0.2):
        worker = busy[connection]
        outcome, alive = worker.take(stopping)
        if not alive:
            workers.remove(worker)
            worker.close()
        yield outcome


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
    while True:
        try:
            trial = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(run_trial(trial))
