"""Draw first values of parameters from one of three streams."""

from __future__ import annotations

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.numpy import NumpyExecutable, generator_for
from graphnet.errors import UsageError
from graphnet.ir import ParameterRow


def initialize(executable: NumpyExecutable, stream: str) -> None:
    """Give every parameter and statistic its first value and reset the optimizer.

    Args:
        executable: Its memory is filled.
        stream: `named` (a stream per parameter, keyed by its name), or `torch` or `numpy` (one stream for
            all, in the order of the spec's layers, with the numbers those libraries draw from the seed).

    Raises:
        UsageError: When a compatibility stream has no such distribution.
    """
    program = executable.program
    rows = sorted(program.parameters, key=lambda row: row.sequence)
    legacy = np.random.RandomState(program.seed % 2**32) if stream != "named" else None
    for row in rows:
        target = (executable.parameters if row.trained else executable.statistics)[row.name]
        if row.draw.kind == "constant":
            target[...] = row.draw.a
        elif legacy is None:
            target[...] = _named(row, program.seed)
        elif row.draw.kind == "uniform":
            draw = torch_uniform if stream == "torch" else numpy_uniform
            target[...] = draw(legacy, row)
        else:
            raise UsageError(
                "GN712",
                f"the {stream} stream draws uniform numbers only; {row.name} is {row.draw.kind}",
                help="use initialization: {stream: named}",
            )
        if row.zero_row >= 0:
            target[row.zero_row] = 0.0
    executable.reset_states()


def _named(row: ParameterRow, seed: int) -> Array:
    generator = generator_for(seed, f"init:{row.name}")
    shape = row.type.at(1)
    if row.draw.kind == "normal":
        return generator.standard_normal(shape) * row.draw.b + row.draw.a
    return generator.random(shape) * (row.draw.b - row.draw.a) + row.draw.a


def torch_uniform(legacy: np.random.RandomState, row: ParameterRow) -> Array:
    """Return what torch's uniform_ draws after manual_seed, bit for bit in float32.

    Each number takes one 32-bit draw r: `(r mod 2^24) 2^-24 (b - a) + a`, computed in float64 and rounded
    once, b - a being rounded to float32 first. In float64 each takes two draws, of which 53 bits are used.
    """
    size, draw = row.size, row.draw
    if row.type.dtype == "float32":
        raw = legacy.randint(0, 2**32, size, dtype=np.uint32)
        unit = (raw & 0xFFFFFF).astype(np.float64) * 2.0**-24
        low, high = float(np.float32(draw.a)), float(np.float32(draw.b))
        spread = float(np.float32(high - low))
        return (unit * spread + low).astype(np.float32).reshape(row.type.at(1))
    raw = legacy.randint(0, 2**32, 2 * size, dtype=np.uint32).astype(np.uint64)
    joined = (raw[0::2] << np.uint64(32)) | raw[1::2]
    unit = (joined & np.uint64(2**53 - 1)).astype(np.float64) * 2.0**-53
    spread_out: Array = unit * (draw.b - draw.a) + draw.a
    return spread_out.reshape(row.type.at(1))


def numpy_uniform(legacy: np.random.RandomState, row: ParameterRow) -> Array:
    """Return `(rand - 1/2) (b - a)` around the middle, matrices drawn as (in, out) and then turned."""
    shape, draw = row.type.at(1), row.draw
    drawn = legacy.rand(*shape[::-1]).T if len(shape) == 2 else legacy.rand(*shape)
    middle = (draw.a + draw.b) / 2.0
    scaled: Array = (drawn - 0.5) * 2.0 * ((draw.b - draw.a) / 2.0) + middle
    return scaled
