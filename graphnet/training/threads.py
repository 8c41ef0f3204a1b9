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
