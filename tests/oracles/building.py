"""Networks for tests: programs compiled from plain mappings, with every parameter drawn anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.backend import NumpyExecutable
from graphnet.compiler import compile_spec
from graphnet.passes import PIPELINE, Pass
from graphnet.program import Program, program_bytes, read_program

Array = NDArray[Any]
Plain = dict[str, Any]


def compiled(plain: Plain, passes: Sequence[Pass] = PIPELINE, **options: Any) -> Program:
    """Compile a spec given as a mapping, and read the program back from its file's bytes."""
    program = compile_spec(plain, passes=passes, **options)
    return read_program(program_bytes(program), "the program")


def document_of(program: Program) -> Plain:
    """Return the content of a program's file, as anything that is not graphnet would read it."""
    document: Plain = json.loads(program_bytes(program))
    return document


def weights_of(program: Program, seed: int) -> dict[str, Array]:
    """Draw every parameter and statistic: none is 0 or 1, so that a factor left out shows.

    Running variances and counters are positive; weights are scaled by the root of their rows' length.
    """
    # Another stream than data are drawn from: equal numbers would lie on the kinks of losses.
    chance = np.random.default_rng([seed, 101])
    found: dict[str, Array] = {}
    for row in program.parameters:
        shape = row.type.at(1)
        if row.type.dtype == "int64":
            found[row.name] = np.asarray(chance.integers(0, 5))
        elif row.name.endswith("running_var"):
            found[row.name] = chance.uniform(0.5, 2.0, shape)
        else:
            found[row.name] = chance.standard_normal(shape) / np.sqrt(max(1, *shape[1:], 1))
    return found


def set_weights(executable: NumpyExecutable, weights: Mapping[str, Array]) -> None:
    """Give an executable its parameters and statistics, and an optimizer that has done nothing yet."""
    for name, value in weights.items():
        home = executable.parameters if name in executable.parameters else executable.statistics
        home[name][...] = value
    executable.reset_states()
