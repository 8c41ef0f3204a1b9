"""The estimators inside scikit-learn's tools, with specs, weights and pickles."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import make_blobs, make_moons
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import graphnet
from graphnet.errors import GraphNetError
from graphnet.sklearn import GraphNetClassifier, GraphNetRegressor

ROOT = Path(__file__).parents[3]

CLASSES = {
    "inputs": {"x": {"shape": [2]}},
    "targets": {"t": {"shape": [], "dtype": "int64", "classes": 3}},
    "layers": {"hidden": {"type": "Linear", "out_features": 4}, "tanh": "Tanh",
               "scores": {"type": "Linear", "out_features": 3}},
    "loss": "CrossEntropyLoss",
    "optimizer": {"type": "SGD", "lr": 0.1},
    "training": {"epochs": 3},
    "dtype": "float64",
}  # fmt: skip


@pytest.fixture(scope="module")
def moons() -> tuple[Any, Any]:
    return make_moons(120, noise=0.15, random_state=0)


@pytest.fixture(scope="module")
def blobs() -> tuple[Any, Any]:
    return make_blobs(60, centers=3, random_state=1)


def test_a_pipeline_is_searched_and_cross_validated(moons: tuple[Any, Any]) -> None:
    line = make_pipeline(StandardScaler(), GraphNetClassifier(epochs=60, random_state=0))
    assert cross_val_score(line, *moons, cv=3).min() > 0.85
    search = GridSearchCV(line, {"graphnetclassifier__lr": [1e-9, 0.02]}, cv=3)
    search.fit(*moons)
    assert search.best_params_ == {"graphnetclassifier__lr": 0.02}
    assert search.best_score_ > 0.9


def test_predictions_are_those_of_scikit_learns_network_with_the_same_weights(
    blobs: tuple[Any, Any],
) -> None:
    ours = GraphNetClassifier(hidden=(5, 4), activation="Tanh", epochs=5, random_state=0).fit(
        *blobs
    )
    theirs = MLPClassifier((5, 4), activation="tanh", max_iter=1)
    theirs.partial_fit(*blobs, classes=np.unique(blobs[1]))
    for index, layer in enumerate(("linear1", "linear2", "scores")):
        theirs.coefs_[index][...] = ours.weights_[f"{layer}.weight"].T
        theirs.intercepts_[index][...] = ours.weights_[f"{layer}.bias"]
    assert_allclose(ours.predict_proba(blobs[0]), theirs.predict_proba(blobs[0]), rtol=1e-10)
    assert_array_equal(ours.predict(blobs[0]), theirs.predict(blobs[0]))


def test_a_regressors_loss_falls_as_scikit_learns_does() -> None:
    """Full batches, one step of plain descent from the same weights: the second losses agree."""
    generator = np.random.default_rng(0)
    X, y = generator.standard_normal((30, 3)), generator.standard_normal((30, 2))
    options: dict[str, Any] = {
        "hidden": (4,),
        "optimizer": "SGD",
        "random_state": 3,
        "batch_size": 30,
    }
    start = GraphNetRegressor(**options, lr=1e-300, epochs=1).fit(X, y)
    ours = GraphNetRegressor(**options, lr=0.1, epochs=2).fit(X, y)
    theirs = MLPRegressor(
        hidden_layer_sizes=(4,),
        solver="sgd",
        alpha=0.0,
        momentum=0.0,
        learning_rate_init=0.1,
        batch_size=30,
    )
    theirs.partial_fit(X, y)
    for index, layer in enumerate(("linear1", "scores")):
        theirs.coefs_[index][...] = start.weights_[f"{layer}.weight"].T
        theirs.intercepts_[index][...] = start.weights_[f"{layer}.bias"]
    for _ in range(2):
        theirs.partial_fit(X, y)
    # With two results their gradient, of half the sum over results, is ours; they report half of it.
    assert_allclose(ours.loss_curve_, 2.0 * np.array(theirs.loss_curve_[-2:]), rtol=1e-9)


@pytest.mark.parametrize("loss", ["CrossEntropyLoss", "NLLLoss"])
@pytest.mark.parametrize("options", [{}, {"class_weight": {0: 2.0, 1: 1.0, 2: 0.5}}])
def test_weights_are_repetitions_for_classes(
    loss: str, options: dict[str, Any], blobs: tuple[Any, Any]
) -> None:
    layers = dict(CLASSES["layers"])  # type: ignore[call-overload]
    if loss == "NLLLoss":
        layers["log"] = "LogSoftmax"
    spec = {**CLASSES, "layers": layers, "loss": loss}
    X, y = blobs
    weights = np.random.default_rng(0).integers(0, 4, len(y))
    model = GraphNetClassifier(spec, batch_size=400, epochs=20, random_state=0, **options)
    weighted = clone(model).fit(X, y, weights)
    repeated = clone(model).fit(X.repeat(weights, axis=0), y.repeat(weights))
    plain = clone(model).fit(X, y)
    assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-9)
    assert not np.allclose(weighted.predict_proba(X), plain.predict_proba(X), rtol=1e-3)


@pytest.mark.parametrize("loss", ["MSELoss", "L1Loss"])
def test_weights_are_repetitions_for_numbers(loss: str) -> None:
    generator = np.random.default_rng(0)
    X, y = generator.standard_normal((20, 3)), generator.standard_normal((20, 2))
    weights = generator.integers(0, 4, 20)
    model = GraphNetRegressor(overrides={"loss": loss}, epochs=20, random_state=0)
    weighted = clone(model).fit(X, y, weights)
    repeated = clone(model).fit(X.repeat(weights, axis=0), y.repeat(weights, axis=0))
    assert_allclose(weighted.predict(X), repeated.predict(X), rtol=1e-9)
    assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-9)


def test_a_spec_of_one_logit_decides_between_two_labels() -> None:
    data = np.loadtxt(ROOT / "data/curve-train.csv", delimiter=",", skiprows=1)
    names = np.array(["below", "above"])[data[:, 2].astype(int)]
    model = GraphNetClassifier(ROOT / "specs/mlp.yaml", epochs=60)
    model.fit(data[:, :2], names)
    assert model.score(data[:, :2], names) > 0.9
    chances = model.predict_proba(data[:, :2])
    logits = model.network_.predict(data[:, :2].astype(np.float32)).reshape(-1)
    assert_allclose(chances[:, 1], 1 / (1 + np.exp(-logits)), rtol=1e-5)
    assert_array_equal(model.decision_function(data[:, :2]) > 0, chances[:, 1] > 0.5)
    weights = np.arange(len(names)) % 3
    model.set_params(batch_size=2000, overrides={"dtype": "float64"}, random_state=0)
    weighted = clone(model).fit(data[:, :2], names, weights)
    repeated = clone(model).fit(data[:, :2].repeat(weights, axis=0), names.repeat(weights))
    assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-9)


def test_a_spec_of_one_probability_gives_that_probability(moons: tuple[Any, Any]) -> None:
    spec = {**CLASSES, "targets": {"t": {"shape": [1]}}, "loss": "BCELoss",
            "layers": {"linear1": {"type": "Linear", "out_features": 1}, "p": "Sigmoid"}}  # fmt: skip
    model = GraphNetClassifier(spec, epochs=5).fit(*moons)
    wanted = model.network_.predict(moons[0]).reshape(-1)
    assert_allclose(model.predict_proba(moons[0])[:, 1], wanted, rtol=1e-9)


def test_columns_become_the_shape_of_the_input() -> None:
    spec = {**CLASSES, "inputs": {"x": {"shape": [2, 3]}},
            "layers": {"flat": "Flatten", "scores": {"type": "Linear", "out_features": 3}}}  # fmt: skip
    X = np.random.default_rng(0).standard_normal((12, 6))
    y = np.arange(12) % 3
    model = GraphNetClassifier(spec).fit(X, y)
    scores = X @ model.weights_["scores.weight"].T + model.weights_["scores.bias"]
    assert_allclose(model.decision_function(X), scores, rtol=1e-10)


def test_early_stopping_ends_with_the_best(moons: tuple[Any, Any]) -> None:
    model = GraphNetClassifier(
        lr=0.5, epochs=200, early_stopping=True, validation_fraction=0.3, patience=3, random_state=0
    ).fit(*moons)
    curve = model.validation_curve_
    assert model.n_iter_ == len(curve) == int(np.argmin(curve)) + 1 + 3
    again = clone(model).set_params(epochs=int(np.argmin(curve)) + 1).fit(*moons)
    assert_array_equal(again.weights_["scores.weight"], model.weights_["scores.weight"])


def test_pickles_hold_data_only_and_predict_alike(blobs: tuple[Any, Any]) -> None:
    model = GraphNetClassifier(epochs=3, random_state=0).fit(*blobs)
    copy = pickle.loads(pickle.dumps(model))  # noqa: S301 - scikit-learn's convention, our own bytes
    assert "_network" not in model.__getstate__()
    assert_array_equal(copy.predict_proba(blobs[0]), model.predict_proba(blobs[0]))
    modules = {type(value).__module__ for value in model.__getstate__().values()}
    assert modules <= {"builtins", "numpy"}


def test_float32_stays_float32(blobs: tuple[Any, Any]) -> None:
    X = blobs[0].astype(np.float32)
    model = GraphNetClassifier(epochs=2, random_state=0).fit(X, blobs[1])
    assert model.weights_["scores.weight"].dtype == np.float32
    assert model.predict_proba(X).dtype == np.float32


def test_parameters_take_the_place_of_the_specs_values(blobs: tuple[Any, Any]) -> None:
    model = GraphNetClassifier(
        CLASSES, optimizer={"type": "SGD", "momentum": 0.5}, lr=0.01, epochs=2, batch_size=7,
        overrides={"layers.hidden.out_features": 6}, random_state=5,
    ).fit(*blobs)  # fmt: skip
    assert model.spec_["optimizer"]["momentum"] == 0.5
    assert model.spec_["optimizer"]["lr"] == 0.01
    assert (model.n_iter_, model.spec_["training"]["batch_size"]) == (2, 7)
    assert model.weights_["hidden.weight"].shape == (6, 2)


@pytest.mark.parametrize(
    ("code", "changes", "labels"),
    [
        ("GN750", {"inputs": {"x": {"shape": [2]}, "z": {"shape": [2]}},
                   "layers": {"both": {"type": "Cat", "inputs": ["x", "z"]},
                              "scores": {"type": "Linear", "out_features": 3}}}, 3),
        ("GN752", {"inputs": {"x": {"shape": [5]}}}, 3),
        ("GN755", {}, 2),
        ("GN754", {}, 1),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_a_value_error_with_a_code(
    code: str, changes: dict[str, Any], labels: int, blobs: tuple[Any, Any]
) -> None:
    with pytest.raises(GraphNetError) as caught:
        GraphNetClassifier({**CLASSES, **changes}).fit(blobs[0], np.arange(60) % labels)
    assert isinstance(caught.value, ValueError)
    assert caught.value.code == code


def test_weights_of_zero_and_targets_of_another_size_are_refused() -> None:
    X, y = np.eye(4), np.arange(4.0)
    with pytest.raises(GraphNetError, match="all samples have the weight 0"):
        GraphNetRegressor(early_stopping=True, validation_fraction=0.5, random_state=0).fit(
            X, y, [0.0, 0.0, 0.0, 1.0]
        )
    spec = {
        **CLASSES,
        "inputs": {"x": {"shape": [4]}},
        "targets": {"t": {"shape": [3]}},
        "loss": "MSELoss",
    }
    with pytest.raises(GraphNetError, match="y has 1 numbers a sample"):
        GraphNetRegressor(spec).fit(X, y)


def test_a_divergence_is_a_value_error(moons: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match=r"no longer finite|non-finite"):
        GraphNetRegressor(hidden=(), optimizer="SGD", lr=1e30, random_state=0).fit(*moons)


def test_a_wrong_name_is_answered_with_the_nearest(moons: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match="did you mean 'ReLU'"):
        GraphNetClassifier(activation="ReLu").fit(*moons)


def test_looking_at_the_network_before_fitting_is_refused() -> None:
    with pytest.raises(NotFittedError):
        GraphNetClassifier().network_.forward({})


def test_scikit_learn_is_only_loaded_when_it_is_asked_for() -> None:
    code = (
        "import sys, graphnet; graphnet.compile; assert 'sklearn' not in sys.modules\n"
        "print(graphnet.sklearn.GraphNetRegressor.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.decode().strip() == "GraphNetRegressor"
    assert graphnet.sklearn.GraphNetRegressor is GraphNetRegressor


def test_a_number_is_one_hidden_layer(moons: tuple[Any, Any]) -> None:
    one, same = (
        GraphNetClassifier(hidden=hidden, epochs=2, random_state=0).fit(*moons)
        for hidden in (8, (8,))
    )
    assert one.hidden == 8, "parameters stay as they were given"
    assert_array_equal(one.decision_function(moons[0]), same.decision_function(moons[0]))


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"hidden": "64"}, "GN756", "hidden is '64', not the sizes of layers"),
        ({"hidden": (8, 0)}, "GN756", "hidden=(64, 32), or hidden=64"),
        ({"lr": "big"}, "GN756", "lr is 'big', not a number"),
        ({"spec": CLASSES, "hidden": (8,)}, "GN757", "hidden does nothing beside a spec"),
        ({"spec": CLASSES, "activation": "Tanh"}, "GN757", "activation does nothing"),
    ],
)
def test_parameters_that_do_not_fit(
    blobs: tuple[Any, Any], settings: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(GraphNetError) as caught:
        GraphNetClassifier(**settings).fit(*blobs)
    assert caught.value.code == code
    assert words in str(caught.value)
    assert "--set" not in str(caught.value)


def test_the_only_class_is_shown_as_it_is_written() -> None:
    with pytest.raises(GraphNetError, match=r"y holds one class only, True\n"):
        GraphNetClassifier().fit([[0.0], [1.0]], [True, True])
