"""Threads of the linear algebra library, before NumPy is loaded."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphnet.program import Program

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


SMALL_PRODUCT = 8_000_000
"""Operations of a product that one core does in about 0.1 ms.

Below that a second thread gains next to nothing, and on a busy machine threads that wait for each other made
steps fifty times slower.
"""


def choose_threads(program: Program, *, few: bool = False) -> None:
    """Ask for the threads a program's spec names; where it names none, for one if all products are small.

    What the user has set in the environment stands.

    Args:
        program: What is going to run.
        few: Whether it runs with a few samples only, whose products count as small.
    """
    from graphnet.program import largest_product

    count = program.spec["training"]["threads"]
    if count is None and not any(name in os.environ for name in VARIABLES):
        sizes = (
            largest_product(routine.listing, program.batch_size)
            for routine in program.routines.values()
        )
        count = 1 if few or max(sizes) < SMALL_PRODUCT else None
    request_threads(count)
