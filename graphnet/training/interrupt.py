"""Interrupt: signals ask a run to stop after the step it is in; a second one stops it at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphnet.training.trainer import Trainer

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Interrupt:
    """While entered, SIGINT, SIGTERM and SIGHUP set `signal` and do nothing else the first time.

    The second SIGINT stops at once. A terminal that is closed sends SIGHUP more than once, so that
    only a person's Ctrl-C counts as impatience. What the caller ignores, as nohup does, stays ignored.

    Attributes:
        signal: Number of the signal that came, or 0.
    """

    def __init__(self) -> None:
        self.signal = 0
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Interrupt:
        """Take over the signals; only possible in the main thread, elsewhere nothing happens."""
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                self._take_over(number)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _take_over(self, number: int) -> None:
        if signal.getsignal(number) is not signal.SIG_IGN:
            self._previous[number] = signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = self.signal or number


class StopAt(Interrupt):
    """An interrupt that comes by itself once a trainer has done a number of updates.

    Attributes:
        came: Number of a real signal, or 0.
    """

    def __init__(self, trainer: Trainer, updates: int, passes: int = 0) -> None:
        """Watch a trainer.

        Args:
            trainer: What is stopped.
            updates: After so many updates.
            passes: And not before so many forward passes: batches may be gathered without an update.
        """
        self._trainer, self._updates, self._passes = trainer, updates, passes
        super().__init__()

    @property
    def signal(self) -> int:
        """Not 0 once the updates are done, or a real signal came."""
        done = self._trainer.progress
        return self.came or int(done.updates >= self._updates and done.clock >= self._passes)

    @signal.setter
    def signal(self, number: int) -> None:
        self.came = number
