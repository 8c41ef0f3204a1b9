"""What both estimators share: checking, training, and a state of plain data and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from graphnet.api import Network
from graphnet.backend import Array
from graphnet.compiler import compile_spec
from graphnet.errors import NumericError, UsageError
from graphnet.program import Program
from graphnet.sklearn.networks import WEIGHT, Plain, layer_sizes, resolved, weighted
from graphnet.spec import spec_folder

PREDICTED = 1024
"""Samples predicted at once, where the spec trains on fewer."""


class GraphNetEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base of the estimators; parameters and attributes are told of in the two classes for users."""

    def __init__(
        self,
        spec: str | Path | Mapping[str, Any] | None = None,
        *,
        hidden: int | tuple[int, ...] = (64,),
        activation: str = "ReLU",
        optimizer: str | Mapping[str, Any] | None = None,
        lr: float | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        patience: int = 10,
        overrides: Mapping[str, Any] | None = None,
        random_state: Any = None,
    ) -> None:
        self.spec = spec
        self.hidden = hidden
        self.activation = activation
        self.optimizer = optimizer
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.overrides = overrides
        self.random_state = random_state

    @property
    def network_(self) -> Network:
        """The trained network, to be looked at, drawn or saved."""
        check_is_fitted(self)
        network = self.__dict__.get("_network")
        if network is None:
            network = Network(compile_spec(self.spec_, batch_size=PREDICTED), files=False)
            network.load_state_dict(self.weights_)
            self._network = network
        return network

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to pickle: parameters, plain data and arrays, not the live network."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_network"}

    def _checked(self, X: Any, y: Any, **options: Any) -> tuple[Array, Array]:
        checked: tuple[Array, Array] = validate_data(
            self, X, y, dtype=(np.float64, np.float32), ensure_min_samples=1, **options
        )
        return checked

    def _train(self, X: Array, y: Array, sample_weight: Any, source: Any, stratify: Any) -> None:
        """Train on checked data, and keep what came of it.

        Args:
            X: Samples (n, features).
            y: Targets (n, ...) as the spec declares them.
            sample_weight: Weights (n,), or None.
            source: The spec.
            stratify: Classes (n,) whose shares a validation set keeps, or None.
        """
        self._refuse_unused()
        plain = resolved(source, self._changes(X))
        X, y = _as_declared(X, plain), _as_target(y, plain)
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(
                sample_weight, X, dtype=X.dtype, ensure_non_negative=True
            )
        parts = self._parts(X, y, weights, stratify, plain["seed"])
        network = self._fitted(plain, parts, weights is not None, spec_folder(source))
        self.spec_ = plain
        self.weights_ = network.state_dict()
        self.__dict__.pop("_network", None)
        self.network_  # noqa: B018 - built now, so that predicting changes nothing

    def _fitted(
        self, plain: Plain, parts: list[tuple[Array, ...]], is_weighted: bool, folder: Path
    ) -> Network:
        spec = weighted(plain) if is_weighted else plain
        size = min(plain["training"]["batch_size"], len(parts[0][0]))
        program = compile_spec(spec, batch_size=size, folder=folder)
        self._refuse_misfit(program)
        network = Network(program, folder)
        fed = [_fed(plain, part) for part in parts]
        stopping = {"patience": self.patience} if self.early_stopping else None
        try:
            history = network.fit(
                *fed[0],
                validation=fed[1] if len(fed) > 1 else None,
                batch_size=size,
                early_stopping=stopping,
            )
        except NumericError as error:
            # scikit-learn's own networks answer a divergence so.
            raise ValueError(str(error)) from error
        self.n_iter_ = len(history)
        self.loss_curve_ = [record["loss"] for record in history]
        if len(fed) > 1:
            self.validation_curve_ = [record["validation"]["loss"] for record in history]
        return network

    def _refuse_unused(self) -> None:
        """Refuse parameters that would do nothing beside a spec.

        Raises:
            UsageError: When there are some (GN757).
        """
        if self.spec is None:
            return
        plain = {
            "hidden": layer_sizes(self.hidden) == (64,),
            "activation": self.activation == "ReLU",
        }
        for name, default in plain.items():
            if not default:
                raise UsageError(
                    "GN757",
                    f"{name} does nothing beside a spec, which has layers of its own",
                    help=f"leave {name} out, or change the spec's layers by overrides",
                )

    def _refuse_misfit(self, program: Program) -> None:
        """Refuse a network that does not fit what was given; shapes are checked elsewhere."""

    def _parts(
        self,
        X: Array,
        y: Array,
        weights: Array | None,
        stratify: Any,
        seed: int,
    ) -> list[tuple[Array, ...]]:
        """Return what is trained on and, for early stopping, what is validated on."""
        arrays = (X, y) if weights is None else (X, y, weights)
        if not self.early_stopping:
            return [arrays]
        cut = train_test_split(
            *arrays, test_size=self.validation_fraction, random_state=seed, stratify=stratify
        )
        return [tuple(cut[0::2]), tuple(cut[1::2])]

    def _changes(self, X: Array) -> dict[str, Any]:
        """Return what the parameters put in place of the spec's values, by dotted path."""
        changes: dict[str, Any] = {}
        if self.spec is None or self.random_state is not None:
            state = check_random_state(self.random_state)
            changes["seed"] = int(state.randint(np.iinfo(np.int32).max))
        if self.spec is None:
            changes["dtype"] = X.dtype.name
        if self.optimizer is not None:
            changes["optimizer"] = _whole(self.optimizer)
        named: dict[str, Any] = {
            "optimizer.lr": self.lr,
            "training.epochs": self.epochs,
            "training.batch_size": self.batch_size,
        }
        for path, value in named.items():
            # Text would be read as YAML, and its errors would point into a command line.
            if isinstance(value, str):
                name = path.partition(".")[2]
                raise UsageError(
                    "GN756", f"{name} is {value!r}, not a number", help=f"give {name} a number"
                )
        changes |= {path: value for path, value in named.items() if value is not None}
        return changes | dict(self.overrides or {})

    def _outputs(self, X: Any) -> Array:
        """Return the network's output for samples (n, features)."""
        check_is_fitted(self)
        checked = validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        result = self.network_.predict(_as_declared(checked, self.spec_))
        return np.asarray(result)


def _whole(optimizer: str | Mapping[str, Any]) -> Any:
    """Return an optimizer as a mapping; text would be read as YAML."""
    return {"type": optimizer} if isinstance(optimizer, str) else dict(optimizer)


def _as_declared(X: Array, plain: Mapping[str, Any]) -> Array:
    """Return samples (n, features) in the shape and element type that the spec declares.

    Raises:
        UsageError: When they have other features (GN752).
    """
    ((name, declared),) = plain["inputs"].items()
    shape = declared["shape"]
    if int(np.prod(shape)) != X.shape[1]:
        raise UsageError(
            "GN752",
            f"input {name!r} of the spec takes samples of shape {shape}, X has {X.shape[1]} features",
            help=f"declare it as {{shape: [{X.shape[1]}]}}",
        )
    return X.reshape(len(X), *shape).astype(plain["dtype"], copy=False)


def _as_target(y: Array, plain: Mapping[str, Any]) -> Array:
    """Return targets (n, ...) in the shape and element type that the spec declares.

    Raises:
        UsageError: When they have other dimensions (GN752).
    """
    ((name, declared),) = plain["targets"].items()
    shape = declared["shape"]
    if int(np.prod(shape)) * len(y) != y.size:
        raise UsageError(
            "GN752",
            f"target {name!r} of the spec has the shape {shape}, y has {y.size // len(y)} numbers a sample",
            help=f"declare it as {{shape: [{y.size // len(y)}]}}, and let the last layer give as many",
        )
    return y.reshape(len(y), *shape).astype(declared["dtype"], copy=False)


def _fed(plain: Mapping[str, Any], part: tuple[Array, ...]) -> tuple[Plain, Plain]:
    """Return inputs and targets by name.

    Raises:
        UsageError: When no sample counts (GN753).
    """
    X, y, *weights = part
    (x_name,), (y_name,) = plain["inputs"], plain["targets"]
    if not weights:
        return {x_name: X}, {y_name: y}
    if not weights[0].any():
        raise UsageError("GN753", "all samples have the weight 0", help="give some of them more")
    return {x_name: X}, {y_name: y, WEIGHT: weights[0]}
