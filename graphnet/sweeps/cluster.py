"""Cluster: an engine that runs trials on a Dask cluster; nothing needs to be shared with it but the data.

Trials train in temporary directories of their workers and hand the files of their runs back.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphnet.errors import ResourceError
from graphnet.program import write_atomically
from graphnet.sweeps.trial import Trial, failed, run_trial
from graphnet.training.threads import limited_threads

Outcome = Mapping[str, Any]


def on_cluster(
    trials: Sequence[Trial], address: str, interrupted: Callable[[], bool]
) -> Iterator[Outcome]:
    """Run trials on a cluster, giving the outcome of each as it comes.

    Args:
        trials: Their directories are filled here.
        address: Of the scheduler, as in `tcp://10.0.0.1:8786`.
        interrupted: Asked now and then; once true, trials that have not come back are given up.

    Raises:
        ResourceError: When Dask is not installed (GN526), or the scheduler does not answer (GN527).
    """
    try:
        distributed = _library()
    except ImportError as error:
        raise ResourceError(
            "GN526", "--dask needs Dask", help='pip install "graphnet[dask]"'
        ) from error
    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, ValueError, distributed.TimeoutError) as error:
        raise ResourceError(
            "GN527",
            f"no Dask scheduler answers at {address!r}",
            help="start one with `dask scheduler`, and workers that can import graphnet",
            notes=[str(error)],
        ) from error
    with client:
        yield from _gathered(client, trials, interrupted)


def _gathered(
    client: Any, trials: Sequence[Trial], interrupted: Callable[[], bool]
) -> Iterator[Outcome]:
    # A trial is a function of its number alone, so that a lost worker's are simply run again.
    futures = {client.submit(_remote, replace(t, directory=""), pure=False): t for t in trials}
    waiting = set(futures)
    while waiting and not interrupted():
        done = {future for future in waiting if future.done()}
        if not done:
            _wait_briefly(waiting)
        for future in done:
            yield _outcome(future, futures[future])
        waiting -= done
    client.cancel(list(waiting))


def _library() -> Any:
    """Return Dask's library, which has no complete types."""
    return importlib.import_module("distributed")


def _wait_briefly(futures: set[Any]) -> None:
    distributed = _library()
    with suppress(distributed.TimeoutError):
        distributed.wait(list(futures), timeout=0.2, return_when="FIRST_COMPLETED")


def _outcome(future: Any, trial: Trial) -> Outcome:
    error = future.exception()
    if error is not None:
        return failed(trial.index, f"{type(error).__name__}: {error}")
    outcome: dict[str, Any] = future.result()
    directory = Path(trial.directory)
    for name, content in outcome["files"].items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    return {**outcome, "files": {}}


def _remote(trial: Trial) -> dict[str, Any]:
    with limited_threads(1):
        return run_trial(trial)
