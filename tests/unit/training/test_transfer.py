"""Weights go from run to run by name, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from resuming import rich_spec, without_waiting

import graphnet
from graphnet.errors import ArtifactError
from graphnet.training import load_checkpoint
from graphnet.training.transfer import open_weights, renamed


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    without_waiting(monkeypatch)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    graphnet.train(rich_spec("float64", epochs=3), run_dir=tmp_path / "old", plots=False)
    return tmp_path / "old"


def started(spec: dict[str, Any], place: Path, **weights: Any) -> dict[str, Any]:
    """Return the arrays before the first update of a run that starts from weights."""
    seen: dict[str, Any] = {}

    class Look(graphnet.Callback):
        def on_train_begin(self, state: Any) -> None:
            seen.update({name: array.copy() for name, array in state.parameters.items()})

    graphnet.train(
        {**spec, "training": {**spec["training"], "weights": weights}},
        run_dir=place,
        callbacks=[Look()],
        plots=False,
    )
    return seen


def test_a_run_starts_from_the_best_of_another(old: Path, tmp_path: Path) -> None:
    seen = started(rich_spec("float64", epochs=1), tmp_path / "new", path=str(old))
    best = load_checkpoint(old / "checkpoints/best.safetensors").tensors
    for name, array in seen.items():
        assert_array_equal(array, best[f"parameter/{name}"])


def test_a_checkpoint_and_a_plain_file_do_too(old: Path, tmp_path: Path) -> None:
    checkpoint = next((old / "checkpoints").glob("step-*"))
    net = graphnet.load(checkpoint)
    net.save(tmp_path / "w.safetensors")
    spec = rich_spec("float64", epochs=1)
    for index, path in enumerate((checkpoint, tmp_path / "w.safetensors")):
        seen = started(spec, tmp_path / str(index), path=str(path))
        assert_array_equal(seen["linear1.weight"], net.parameters["linear1.weight"])


def test_numbers_are_converted(old: Path, tmp_path: Path) -> None:
    seen = started(rich_spec("float32", epochs=1), tmp_path / "new", path=str(old))
    wanted = graphnet.load(old).parameters["linear1.weight"].astype(np.float32)
    assert_array_equal(seen["linear1.weight"], wanted)


def changed(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the spec with another name for a layer, and another with a new size."""
    layers = dict(spec["layers"])
    first, last = layers.pop("linear1"), {"type": "Linear", "out_features": 2}
    layers = {"body": first, **layers, "linear2": last}
    targets = {"label": {"shape": [2]}}
    data = {"train": {"generator": "blobs", "samples": 40}}
    return {**spec, "layers": layers, "targets": targets, "data": data, "metrics": []}


def test_misfits_are_listed_and_nothing_is_taken_over(old: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError) as caught:
        started(
            without_data(changed(rich_spec("float64", epochs=1))), tmp_path / "n", path=str(old)
        )
    error = caught.value
    assert error.code == "GN464"
    assert error.notes == (
        "missing: body.weight, body.bias",
        "not in the network: linear1.bias, linear1.weight",
        "linear2.weight is [1, 6], the network has [2, 6]",
        "linear2.bias is [1], the network has [2]",
        "nothing was taken over",
    )


def without_data(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a spec whose data fits two targets: points and themselves."""
    file = Path(__file__).parents[3] / "data/curve-test.csv"
    columns = {"inputs": {"point": ["x", "y"]}, "targets": {"label": ["x", "y"]}}
    training = {key: value for key, value in spec["training"].items() if key != "early_stopping"}
    return {**spec, "loss": "MSELoss", "data": {"train": {"path": str(file), **columns}},
            "training": training}  # fmt: skip


def test_names_are_mapped_and_what_does_not_fit_starts_anew(old: Path, tmp_path: Path) -> None:
    spec = without_data(changed(rich_spec("float64", epochs=1)))
    weights = {"path": str(old), "map": {"linear1.*": "body.*"}, "strict": False}
    seen = started(spec, tmp_path / "new", **weights)
    fresh = graphnet.compile(spec).parameters
    assert_array_equal(seen["body.weight"], graphnet.load(old).parameters["linear1.weight"])
    assert_array_equal(seen["linear2.weight"], fresh["linear2.weight"])


def test_where_nothing_fits_that_is_an_error_even_when_not_strict(
    old: Path, tmp_path: Path
) -> None:
    weights = {"path": str(old), "map": {"*": None}, "strict": False}
    with pytest.raises(ArtifactError, match="do not fit"):
        started(rich_spec("float64", epochs=1), tmp_path / "new", **weights)


def test_statistics_are_taken_over(old: Path) -> None:
    assert {"norm1.running_mean", "norm1.running_var"} <= open_weights(old).keys()


@pytest.mark.parametrize(
    ("names", "result"),
    [
        ({}, {"a.b.w": 1, "a.c.w": 2, "h.w": 3}),
        ({"a.*": "x.*"}, {"x.b.w": 1, "x.c.w": 2, "h.w": 3}),
        ({"*.w": "*.weight", "a.b.*": None}, {"a.c.weight": 2, "h.weight": 3}),
        ({"a.*.w": "z.*.*", "*": None}, {"z.b.": 1, "z.c.": 2}),
        ({"a.b.w": "first", "a.*": "x.*"}, {"first": 1, "x.c.w": 2, "h.w": 3}),
        ({"a.[bc].w": "no"}, {"a.b.w": 1, "a.c.w": 2, "h.w": 3}),
    ],
)
def test_renamed(names: dict[str, str | None], result: dict[str, int]) -> None:
    given: dict[str, Any] = {"a.b.w": 1, "a.c.w": 2, "h.w": 3}
    assert renamed(given, names) == result


def test_two_arrays_cannot_take_one_name() -> None:
    given: dict[str, Any] = {"a": 1, "b": 2}
    with pytest.raises(ArtifactError, match="two of the weights come to be called 'b'"):
        renamed(given, {"a": "b"})
