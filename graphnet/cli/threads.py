"""Threads of the linear algebra library, before NumPy is loaded."""

from __future__ import annotations

import os
import sys

VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def request_threads(count: int | None) -> None:
    """Ask for a number of threads before NumPy is imported, which is when it decides.

    Args:
        count: How many; None leaves the choice to the library.
    """
    if count is None or "numpy" in sys.modules:
        return
    for variable in VARIABLES:
        os.environ[variable] = str(count)
