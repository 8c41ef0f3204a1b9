"""In turn: an engine that runs trials in this process, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphnet.sweeps.trial import Trial, failed, run_trial
from graphnet.training.interrupt import Interrupt
from graphnet.training.threads import limited_threads


def in_turn(trials: Sequence[Trial], interrupt: Interrupt) -> Iterator[Mapping[str, Any]]:
    """Run trials, giving the outcome of each; a failure ends its trial alone.

    Args:
        trials: In the order in which they run.
        interrupt: Once it has a signal, no trial begins any more. A run hears signals itself while it
            trains; what it heard is handed on.
    """
    for trial in trials:
        if interrupt.signal:
            return
        with limited_threads(1):
            outcome = _run(trial)
        interrupt.signal = interrupt.signal or outcome.get("signal", 0)
        yield outcome


def _run(trial: Trial) -> dict[str, Any]:
    try:
        return run_trial(trial)
    except Exception as error:
        return failed(trial.index, f"{type(error).__name__}: {error}")
