"""Threads of the linear algebra library, once NumPy is loaded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""What the libraries NumPy may be built with read when they are loaded."""


@contextmanager
def limited_threads(count: int | None) -> Iterator[str]:
    """Hold the library to a number of threads; give a remark where that is not possible any more.

    Args:
        count: How many; None leaves the choice to the library.
    """
    if count is None or all(os.environ.get(name) == str(count) for name in VARIABLES):
        yield ""
        return
    try:
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - optional
    except ImportError:
        yield f"threads: {count} has no effect: NumPy is loaded already (install threadpoolctl)"
        return
    with threadpool_limits(limits=count):
        yield ""


def threads_for_few(count: int | None) -> int | None:
    """Return how many threads passes over a few samples are to take: one, unless something else is said.

    A second one gains nothing there, and where cores are busy they wait for each other: checking the
    gradients of a ResNet-20 took four to eight times as long with two.

    Args:
        count: What the spec says; None where it says nothing, and what is set in the environment stands.
    """
    if count is None and not any(name in os.environ for name in VARIABLES):
        return 1
    return count
