"""Executables: any batch size is exact, in any order; refusals; what is bound and kept."""

from __future__ import annotations

import numpy as np
import pytest
from examples import NETWORKS, TRAINED, Array, batch_of, compiled, fill, network, started, step

from graphnet.backend import NumpyExecutable, finite
from graphnet.backend.numpy.executable import BOUND_SIZES
from graphnet.errors import UsageError
from graphnet.ir import PHASES
from graphnet.program import program_bytes, read_program


def everything(executable: NumpyExecutable) -> dict[str, Array]:
    """Return all arrays that a step changes, by name."""
    groups = (executable.parameters, executable.statistics, executable.gradients, executable.states)
    return {name: array for group in groups for name, array in group.items()}


def require_equal(ours: NumpyExecutable, theirs: NumpyExecutable) -> None:
    for name, array in everything(theirs).items():
        np.testing.assert_array_equal(everything(ours)[name], array, err_msg=name)


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_batch_size_is_that_of_a_program_compiled_for_it(name: str, dtype: str) -> None:
    plain = {**NETWORKS[name], "dtype": dtype}
    for count in range(1, 7):
        ours, theirs = started(compiled(plain)), started(compiled(plain, batch_size=count))
        batch = batch_of(ours.program, count, seed=count)
        # Dropout sets aside numbers for the largest batch in every pass: the first passes agree.
        for _ in range(1 if name == "dropout" else 3):
            assert step(ours, batch) == step(theirs, batch)
        require_equal(ours, theirs)


@pytest.mark.parametrize("name", TRAINED)
def test_alternating_batch_sizes_are_exact(name: str) -> None:
    program = compiled(NETWORKS[name])
    one = started(program)
    sizes = [6, 1, 6, 3, 2, 6, 6, 5, 1]
    for turn, count in enumerate(sizes):
        fresh = started(program)
        for key, array in everything(one).items():
            everything(fresh)[key][...] = array
        fresh.streams.clock[...] = one.streams.clock
        batch = batch_of(program, count, seed=turn)
        assert step(one, batch) == step(fresh, batch)
        require_equal(one, fresh)


@pytest.mark.parametrize("name", TRAINED)
def test_other_routines_in_between_change_nothing(name: str) -> None:
    program = compiled(NETWORKS[name])
    disturbed, alone = started(program), started(program)
    for turn in range(3):
        batch = batch_of(program, 4, seed=turn)
        assert step(disturbed, batch) == step(alone, batch)
        for other in ("evaluate", "predict"):
            for count in (6, 1):
                routine = disturbed.routine(other, count)
                fill(routine, batch_of(program, count, seed=99))
                routine.forward()
    require_equal(disturbed, alone)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_a_program_read_from_its_file_computes_the_same_bits(name: str) -> None:
    program = compiled(NETWORKS[name])
    ours, theirs = started(program), started(read_program(program_bytes(program), "it"))
    batch = batch_of(program, 5)
    if name in TRAINED:
        assert [step(ours, batch) for _ in range(3)] == [step(theirs, batch) for _ in range(3)]
    require_equal(ours, theirs)


@pytest.mark.parametrize("name", TRAINED)
def test_poisoned_memory_shows_nowhere(name: str) -> None:
    """Whatever the arena holds before a step, nothing of it is read."""
    program = compiled(NETWORKS[name])
    poisoned, clean = started(program), started(program)
    for turn in range(2):
        batch = batch_of(program, 5, seed=turn)
        poisoned.memory.poison()
        assert step(poisoned, batch) == step(clean, batch)
    require_equal(poisoned, clean)


def test_routines_are_bound_once_and_the_oldest_are_given_up() -> None:
    program = compiled(NETWORKS["tanh"], batch_size=100)
    executable = started(program)
    first = executable.routine("train", 1)
    assert executable.routine("train", 1) is first
    for count in range(2, BOUND_SIZES * len(program.routines) + 2):
        executable.routine("train", count)
    assert executable.routine("train", 1) is not first
    batch = batch_of(program, 1)
    fill(first, batch)
    first.forward()
    again = executable.routine("train", 1)
    again.forward()
    assert first.loss is not None
    assert again.loss is not None
    assert first.loss == again.loss


@pytest.mark.parametrize("count", [0, -1, 7, 10**9])
def test_batches_that_do_not_fit(count: int) -> None:
    executable = started(compiled(NETWORKS["tanh"]))
    with pytest.raises(UsageError) as caught:
        executable.routine("train", count)
    assert caught.value.code == "GN711"
    assert caught.value.message == f"a batch of {count} does not fit: compiled for 1 to 6"


def test_a_routine_that_is_not_there() -> None:
    executable = started(compiled(NETWORKS["no_loss"]))
    with pytest.raises(UsageError) as caught:
        executable.routine("train", 1)
    assert caught.value.code == "GN710"
    assert caught.value.message == "'network' was compiled without a loss, it cannot train"


def test_tracing_runs_instruction_by_instruction() -> None:
    program = compiled(NETWORKS["batch_norm"])
    executable, other = started(program), started(program)
    batch = batch_of(program, 4)
    routine = executable.routine("train", 4)
    fill(routine, batch)
    seen = [(item, sorted(arrays)) for phase in PHASES for item, arrays in routine.trace(phase)]
    assert [item for item, _ in seen] == list(program.main.listing.instructions)
    assert all(names == sorted(item.changed) for item, names in seen)
    step(other, batch)
    require_equal(executable, other)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_inputs_stay_finite_where_the_functions_are(dtype: str) -> None:
    layers = {
        "tanh": {"type": "Tanh", "inputs": "x"},
        "sigmoid": {"type": "Sigmoid", "inputs": "x"},
        "softmax": {"type": "Softmax", "inputs": "x"},
        "log": {"type": "LogSoftmax", "inputs": "x"},
        "norm": {"type": "LayerNorm", "inputs": "x"},
    }
    plain = network(layers, inputs={"x": {"shape": [3]}}, outputs=list(layers), dtype=dtype)
    routine = started(compiled(plain)).routine("predict", 4)
    routine.inputs["x"][...] = [[1e4, -1e4, 0.0], [1000.0] * 3, [-1000.0] * 3, [1e18, 0.0, -1e18]]
    with np.errstate(all="ignore"):
        routine.forward()
    out = routine.outputs
    for array in out.values():
        assert np.isfinite(array).all()
    np.testing.assert_array_equal(out["tanh"][:3], [[1, -1, 0], [1, 1, 1], [-1, -1, -1]])
    np.testing.assert_array_equal(out["sigmoid"][:3], [[1, 0, 0.5], [1, 1, 1], [0, 0, 0]])
    third = 1 / 3
    np.testing.assert_allclose(
        out["softmax"][:2], np.array([[1.0, 0.0, 0.0], [third, third, third]]), rtol=1e-7
    )
    np.testing.assert_allclose(out["log"][0], [0, -2e4, -1e4], rtol=1e-7)
    np.testing.assert_array_equal(out["norm"][1:3], np.zeros((2, 3)))


def test_finite() -> None:
    assert finite(np.array([1.0, -2.0]))
    assert not finite(np.array([1.0, np.inf]))
    assert not finite(np.array([np.nan], np.float32))
    assert finite(np.array([1, 2]))
    assert finite(np.array(True))
    assert finite(np.array([]))
