"""Draw first values of parameters from one of three streams, or read them from files."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphnet.backend import torch_stream
from graphnet.backend.arena import Array
from graphnet.backend.draws import FIXED, FROM_OTHERS, RANDOM
from graphnet.backend.numpy import NumpyExecutable, generator_for
from graphnet.errors import UsageError
from graphnet.ir import ParameterRow

ReadValues = Callable[[ParameterRow], Array]
"""What reads the first values of a parameter from the file that its distribution names."""


def initialize(executable: NumpyExecutable, stream: str, read: ReadValues | None = None) -> None:
    """Give every parameter and statistic its first value and reset the optimizer.

    Args:
        executable: Its memory is filled.
        stream: `named` (a stream per parameter, keyed by its name), or `torch` or `numpy` (one stream for
            all, in the order of the spec's layers, with the numbers those libraries draw from the seed).
        read: Reads values from files; where left out, what would come from one stays as it is.

    Raises:
        UsageError: When a compatibility stream has no such distribution (GN712).
        DataError: When values from a file do not fit, or cannot be read.
    """
    program = executable.program
    rows = sorted(program.parameters, key=lambda row: row.sequence)
    held = {**executable.parameters, **executable.statistics}
    legacy = np.random.RandomState(program.seed % 2**32) if stream != "named" else None
    for row in rows:
        target = held[row.name]
        if row.draw.kind == "file":
            if read is not None:
                target[...] = read(row)
        elif row.draw.kind in FIXED:
            target[...] = FIXED[row.draw.kind](row.draw, target.shape)
        elif legacy is None:
            generator = generator_for(program.seed, f"init:{row.name}")
            target[...] = RANDOM[row.draw.kind](generator, row.draw, target.shape)
        else:
            target[...] = _compatible(stream, legacy, row)
        if row.zero_row >= 0:
            target[row.zero_row] = 0.0
    for row in rows:
        if row.draw.kind in FROM_OTHERS:
            FROM_OTHERS[row.draw.kind](row.draw, held, row.name)
    executable.reset_states()


def _compatible(stream: str, legacy: np.random.RandomState, row: ParameterRow) -> Array:
    """Return what another library would draw.

    Raises:
        UsageError: When it is not known what that is (GN712).
    """
    draw, dtype = row.draw, row.type.dtype
    if stream == "torch" and draw.kind in ("uniform", "normal", "singular"):
        make = torch_stream.uniform if draw.kind == "uniform" else torch_stream.normal
        a, b = (0.0, 1.0) if draw.kind == "singular" else (draw.a, draw.b)
        return make(legacy, row.size, dtype, a, b).reshape(row.type.at(1))
    if stream == "numpy" and draw.kind == "uniform":
        return numpy_uniform(legacy, row)
    kinds = "uniform and normal numbers only" if stream == "torch" else "uniform numbers only"
    raise UsageError(
        "GN712",
        f"the {stream} stream draws {kinds}; {row.name} is {draw.kind}",
        help="use initialization: {stream: named}",
    )


def numpy_uniform(legacy: np.random.RandomState, row: ParameterRow) -> Array:
    """Return `(rand - 1/2) (b - a)` around the middle, matrices drawn as (in, out) and then turned."""
    shape, draw = row.type.at(1), row.draw
    drawn = legacy.rand(*shape[::-1]).T if len(shape) == 2 else legacy.rand(*shape)
    middle = (draw.a + draw.b) / 2.0
    scaled: Array = (drawn - 0.5) * 2.0 * ((draw.b - draw.a) / 2.0) + middle
    return scaled
