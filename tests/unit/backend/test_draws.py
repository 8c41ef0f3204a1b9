"""First values: distributions by their moments, patterns by their structure, torch's numbers, files."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import compiled, linear, network, started
from numpy.typing import NDArray

import graphnet
from graphnet.backend.draws import FIXED, FROM_OTHERS, RANDOM
from graphnet.backend.torch_stream import normal, uniform
from graphnet.compiler import compile_spec
from graphnet.errors import DataError, GraphError, GraphNetError, SpecErrors
from graphnet.ir import DRAW_KINDS, Draw

Array = NDArray[Any]


def drawn(draw: Draw, *shape: int, seed: int = 0) -> Array:
    if draw.kind in FIXED:
        return FIXED[draw.kind](draw, shape)
    return RANDOM[draw.kind](np.random.default_rng(seed), draw, shape)


def test_every_kind_is_made_somewhere() -> None:
    assert {*FIXED, *RANDOM, "file"} == set(DRAW_KINDS)
    assert {*FROM_OTHERS} < {*FIXED, *RANDOM}


@pytest.mark.parametrize(
    ("low", "high", "mean", "std"),
    [
        *((-2, 2, 0, 1), (0, 1, 0, 1), (3, 9, 0, 1), (6, 7, 0, 1)),
        *((-9, -8, 0, 1), (0.1, 0.11, 0, 1), (1, 4, 2, 3)),
    ],
)
def test_truncated_normal(low: float, high: float, mean: float, std: float) -> None:
    """Inside its bounds, with the mean that an integral over the density gives."""
    values = drawn(Draw("truncated", mean, std, low, high), 40_000)
    assert values.min() >= low
    assert values.max() <= high
    grid = np.linspace(low, high, 20_001)
    density = np.exp(-(((grid - mean) / std) ** 2) / 2 + max(0, min(abs(low), abs(high))) ** 2 / 2)
    wanted = float((grid * density).sum() / density.sum())
    spread = math.sqrt(float(((grid - wanted) ** 2 * density).sum() / density.sum()))
    assert abs(values.mean() - wanted) < 4 * spread / 200
    assert values.std() == pytest.approx(spread, rel=0.02)


def test_scaled_truncated_normal_has_the_variance_asked_for() -> None:
    plain = network(
        {"a": linear(400, init={"weight": "lecun_normal"})}, inputs={"x": {"shape": [100]}}
    )
    weight = started(compiled(plain)).parameters["a.weight"]
    assert weight.std() == pytest.approx(0.1, rel=0.02)
    assert np.abs(weight).max() < 2 * 0.1 / 0.879


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 3, 2, 2), (1, 4)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    values = drawn(Draw("orthogonal", 2.0), *shape).reshape(shape[0], -1)
    short = values if values.shape[0] <= values.shape[1] else values.T
    np.testing.assert_allclose(short @ short.T, 4 * np.eye(len(short)), atol=1e-12)


def test_orthogonal_matrices_turn_every_way() -> None:
    """The mean of many is 0: no direction is preferred, as the signs of Q alone would not see to."""
    many = np.mean([drawn(Draw("orthogonal", 1.0), 3, 3, seed=s) for s in range(600)], axis=0)
    assert np.abs(many).max() < 4 / math.sqrt(3 * 600)


def test_sparse() -> None:
    values = drawn(Draw("sparse", 0.31, 2.0), 10, 400)
    assert ((values == 0).sum(0) == 4).all()
    assert values[values != 0].std() == pytest.approx(2.0, rel=0.05)
    assert len({tuple(column == 0) for column in values.T}) > 20


def test_bilinear_enlarges_linearly() -> None:
    kernel = drawn(Draw("bilinear"), 2, 2, 4, 4)
    assert not kernel[0, 1].any()
    np.testing.assert_allclose(kernel[0, 0, 1], [0.1875, 0.5625, 0.5625, 0.1875])
    assert drawn(Draw("bilinear"), 3, 1, 3)[2, 0].tolist() == [0.5, 1.0, 0.5]
    # Every place of the enlarged signal gets weights that add up to 1.
    line = drawn(Draw("bilinear"), 1, 1, 4)[0, 0]
    assert (line[:2] + line[2:]).tolist() == [1.0, 1.0]


@pytest.mark.oracle
@pytest.mark.parametrize("shape", [(4, 3, 3), (6, 3, 5, 4), (4, 2, 2, 3, 3)])
def test_torchs_patterns(shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    for groups in (1, 2):
        theirs = torch.nn.init.dirac_(torch.empty(shape), groups=groups).numpy()
        assert np.array_equal(drawn(Draw("dirac", groups), *shape), theirs)
    for size in ((3, 3), (2, 5), (5, 2)):
        assert np.array_equal(drawn(Draw("eye"), *size), torch.nn.init.eye_(torch.empty(size)))


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.5, 2.0), (-1e-3, 0.02)])
def test_torchs_normal_numbers_to_the_last_bit(dtype: str, mean: float, std: float) -> None:
    torch = pytest.importorskip("torch")
    capability = torch.backends.cpu.get_cpu_capability()
    if dtype == "float32" and capability not in ("AVX2", "AVX512"):
        pytest.skip("PyTorch computes logarithm and sine otherwise on this processor")
    for size in (1, 2, 15, 16, 17, 33, 1000, 20_000):
        for seed in range(3):
            torch.manual_seed(seed)
            theirs = torch.empty(size, dtype=getattr(torch, dtype)).normal_(mean, std).numpy()
            ours = normal(np.random.RandomState(seed), size, dtype, mean, std)
            assert ours.dtype == theirs.dtype
            assert np.array_equal(ours, theirs), size


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_torchs_normal_numbers_left_of_a_pair_come_first_in_the_next(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(4)
    legacy = np.random.RandomState(4)
    for size in (5, 6, 3, 1, 1, 4, 7, 2):
        theirs = torch.empty(size, dtype=getattr(torch, dtype)).normal_(0.5, 2.0).numpy()
        assert np.array_equal(normal(legacy, size, dtype, 0.5, 2.0), theirs), size
        middle = torch.empty(3, dtype=torch.float64).uniform_().numpy()
        assert np.array_equal(uniform(legacy, 3, "float64", 0.0, 1.0), middle)


@pytest.mark.oracle
def test_an_embedding_starts_as_torchs() -> None:
    torch = pytest.importorskip("torch")
    if torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
        pytest.skip("PyTorch computes logarithm and sine otherwise on this processor")
    plain = network(
        {
            "words": {"type": "Embedding", "num_embeddings": 7, "embedding_dim": 3},
            "a": linear(2, inputs="words"),
        },
        inputs={"x": {"shape": [], "dtype": "int64"}},
        seed=11,
    )
    plain["training"] = {"initialization": {"stream": "torch"}}
    ours = started(compiled(plain), "torch").parameters
    torch.manual_seed(11)
    words, line = torch.nn.Embedding(7, 3), torch.nn.Linear(3, 2)
    assert np.array_equal(ours["words.weight"], words.weight.detach().numpy())
    assert np.array_equal(ours["a.weight"], line.weight.detach().numpy())


MISFITS = [
    ("eye", "eye needs 2 dimensions, not 1", "bias"),
    ({"type": "sparse", "sparsity": 0.5}, "sparse needs 2 dimensions, not 1", "bias"),
    ("orthogonal", "orthogonal needs at least 2 dimensions, not 1", "bias"),
    ("dirac", "dirac needs 3 to 5 dimensions, not 2", "weight"),
    ("bilinear", "bilinear needs at least 3 dimensions, not 2", "weight"),
]


@pytest.mark.parametrize(("init", "message", "name"), MISFITS)
def test_patterns_that_do_not_fit(init: Any, message: str, name: str) -> None:
    with pytest.raises(GraphError) as caught:
        compiled(network({"a": linear(4, init={name: init})}))
    assert caught.value.code == "GN209"
    assert message in caught.value.message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    weight = np.arange(12.0).reshape(4, 3)
    np.save(tmp_path / "weight.npy", weight)
    np.savez(tmp_path / "both.npz", weight=weight, bias=np.ones(4))
    net = graphnet.compile(network({"a": linear(4)}))
    net.parameters["a.weight"][...] = weight
    net.save(tmp_path / "net.safetensors")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "array"),
    [("weight.npy", None), ("both.npz", "weight"), ("net.safetensors", "a.weight")],
)
def test_from_file(folder: Path, path: str, array: str | None) -> None:
    init = {"weight": {"type": "from_file", "path": path, **({"array": array} if array else {})}}
    spec = folder / "net.yaml"
    spec.write_text(
        "graphnet: 1\ninputs: {x: {shape: [3]}}\n"
        f"layers: {{a: {{type: Linear, out_features: 4, init: {init}}}}}\n"
    )
    net = graphnet.compile(spec)
    assert net.parameters["a.weight"].tolist() == np.arange(12.0).reshape(4, 3).tolist()


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ("path: both.npz", "GN317", "holds 2 arrays"),
        ("path: both.npz, array: wieght", "GN317", "no array 'wieght'"),
        ("path: w.csv", "GN302", "not 'w.csv'"),
        ("path: away.npy", "GN505", "away.npy"),
        ("path: weight.npy", "GN319", "a.weight takes numbers of shape [5, 3]"),
        ("path: endless.npy", "GN321", "a.weight would start with numbers that are not finite"),
        ("path: words.npz", "GN313", "Python objects"),
    ],
)
def test_files_are_looked_at_when_a_spec_is_compiled(
    folder: Path, given: str, code: str, message: str
) -> None:
    np.save(folder / "endless.npy", np.full((5, 3), np.inf))
    np.savez(folder / "words.npz", w=np.array(["a", None]))
    spec = folder / "net.yaml"
    spec.write_text(
        "graphnet: 1\ninputs: {x: {shape: [3]}}\nlayers:\n"
        "  a: {type: Linear, out_features: 5,\n"
        f"      init: {{weight: {{type: from_file, {given}}}}}}}\n"
    )
    with pytest.raises(GraphNetError) as caught:
        compile_spec(spec, folder=folder)
    assert (caught.value.code, caught.value.file) == (code, str(spec))
    assert (caught.value.line, caught.value.column) == (5, 22)
    assert message in caught.value.message
    assert compile_spec(spec).parameters  # without a folder there is nothing to look at


def test_all_files_that_do_not_fit_are_told_at_once(folder: Path) -> None:
    off = {"type": "from_file", "path": "weight.npy"}
    spec = network({"a": linear(5, init={"weight": off, "bias": off})})
    with pytest.raises(SpecErrors) as caught:
        compile_spec(spec, folder=folder)
    assert [error.code for error in caught.value.problems] == ["GN319", "GN319"]


def test_a_file_of_another_shape(folder: Path) -> None:
    plain = network({"a": linear(5, init={"weight": {"type": "from_file", "path": "weight.npy"}})})
    from graphnet.api import Network

    with pytest.raises(DataError) as caught:
        Network(compiled(plain), folder)
    assert caught.value.code == "GN319"
    assert "a.weight takes numbers of shape [5, 3]" in caught.value.message
    assert "holds float64 of [4, 3]" in caught.value.message
