"""Memory: aligned, apart, looked into by views, and honest when there is too little."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from examples import NETWORKS, compiled, started

from graphnet.backend import NumpyExecutable
from graphnet.backend.arena import Memory, allocate
from graphnet.errors import ResourceError
from graphnet.ir import ALIGNMENT, REUSED, root_of


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


@pytest.mark.parametrize("size", [1, 63, 64, 1000])
def test_bytes_are_zero_and_start_on_a_cache_line(size: int) -> None:
    raw = allocate(size)
    assert (raw.nbytes, address(raw) % ALIGNMENT) == (size, 0)
    assert not raw.any()


def test_too_much_is_told_with_a_cure() -> None:
    with pytest.raises(ResourceError) as caught:
        allocate(2**60)
    assert (caught.value.code, caught.value.exit_code) == ("GN530", 4)
    assert caught.value.message == "not enough memory for 1,152,921,504,606,846,976 bytes"
    assert "--batch-size" in caught.value.help


@pytest.mark.parametrize("name", list(NETWORKS))
@pytest.mark.parametrize("batch", [1, 6])
def test_every_buffer_lies_where_its_description_says(name: str, batch: int) -> None:
    program = compiled(NETWORKS[name])
    memory = Memory(program)
    for routine, made in program.routines.items():
        buffers = made.listing.buffers
        for buffer in buffers.values():
            array = memory.view(routine, buffer.name, batch)
            assert array.shape == buffer.type.at(batch)
            assert array.dtype == buffer.type.dtype
            root = memory.view(routine, root_of(buffers, buffer.name), batch)
            assert np.shares_memory(array, root) or not array.size
            if buffer.view is None:
                assert address(array) % ALIGNMENT == 0


@pytest.mark.parametrize("name", list(NETWORKS))
def test_what_lasts_shares_no_byte_with_anything_else(name: str) -> None:
    program = compiled(NETWORKS[name])
    memory = Memory(program)
    stretches: dict[tuple[int, int], str] = {}
    for routine, made in program.routines.items():
        for buffer in made.listing.buffers.values():
            if buffer.view is None and buffer.role not in REUSED:
                array = memory.view(routine, buffer.name, program.batch_size)
                start = address(array)
                owner = f"{routine}:{buffer.name}" if buffer.role == "constant" else buffer.name
                assert stretches.setdefault((start, start + array.nbytes), owner) == owner
    ordered = sorted(stretches)
    for (_, stop), (start, _) in pairwise(ordered):
        assert stop <= start


def test_routines_share_parameters_and_the_arena() -> None:
    executable = started(compiled(NETWORKS["tanh"]))
    train, predict = executable.routine("train", 4), executable.routine("predict", 4)
    assert np.shares_memory(train.array("linear1.weight"), predict.array("linear1.weight"))
    assert np.shares_memory(train.inputs["x"], predict.inputs["x"])
    executable.memory.poison()
    for routine in (train, predict):
        assert np.isnan(routine.array("linear1/matmul")).all()


def test_parameters_are_views_of_one_vector() -> None:
    executable = started(compiled(NETWORKS["tanh"]))
    vector = executable.routine("train", 1).array(":parameters")
    row = {row.name: row for row in executable.program.parameters}["linear2.weight"]
    executable.parameters["linear2.weight"][...] = 7.0
    assert (vector[row.offset : row.offset + row.size] == 7.0).all()
    assert not np.shares_memory(vector, executable.gradients["d:linear2.weight"])


def test_poison_fills_the_arena_and_nothing_else() -> None:
    executable = started(compiled(NETWORKS["tanh"]))
    before = {name: array.copy() for name, array in executable.parameters.items()}
    executable.memory.poison()
    assert np.isnan(executable.routine("train", 6).array("linear1/matmul")).all()
    for name, array in before.items():
        np.testing.assert_array_equal(executable.parameters[name], array)


def test_a_fresh_executable_has_zeros_where_no_first_value_was_drawn() -> None:
    executable = NumpyExecutable(compiled(NETWORKS["classes"]))
    for group in (executable.parameters, executable.gradients, executable.states):
        assert group
        assert not any(array.any() for array in group.values())
