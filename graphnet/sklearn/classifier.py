"""GraphNetClassifier: a network as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from graphnet.backend import Array
from graphnet.errors import UsageError
from graphnet.program import Program
from graphnet.sklearn.estimator import GraphNetEstimator
from graphnet.sklearn.networks import loss_of, shorthand

ONE_SCORE = ("BCEWithLogitsLoss", "BCELoss")
"""Losses of a single number per sample, which decides between two classes."""


class GraphNetClassifier(ClassifierMixin, GraphNetEstimator):  # type: ignore[misc]
    """A classifier: a network declared by a spec, or by the sizes of its hidden layers.

    Args:
        spec: Path, YAML text or mapping of a spec with one input, one target, one output and one loss:
            CrossEntropyLoss or NLLLoss of a class index, BCEWithLogitsLoss or BCELoss of one number. Its
            data and metrics are not used. None: a plain network by `hidden` and `activation`.
        hidden: Sizes of the hidden layers, where there is no spec; a number for one layer.
        activation: Layer type after each of them.
        optimizer: Name, or mapping with settings; None: the spec's, or Adam.
        lr: Learning rate; None: the optimizer's, or 0.01 where there is neither spec nor optimizer.
        epochs: Passes through the samples; None: the spec's, or 200.
        batch_size: Samples per update; None: the spec's, or 200.
        early_stopping: Keep back a part of the samples, stop when its loss no longer improves, and end with
            the best weights.
        validation_fraction: That part.
        patience: Epochs without improvement that are tolerated.
        overrides: Any value of the spec by dotted path, `{"layers.linear1.out_features": 5}`.
        random_state: Seed of weights and orders; None: the spec's seed, or a new one each time.
        class_weight: Weights by class, or `balanced`, as in scikit-learn.

    Attributes:
        classes_: The labels, sorted.
        spec_: The resolved spec as plain data.
        weights_: Trained arrays by name, torch's names and layouts.
        network_: The network with them.
        n_iter_: Epochs trained.
        loss_curve_: Loss of every epoch.
        validation_curve_: That of the part kept back, with early_stopping.

    The loss of a batch is the weighted mean `sum w l / sum w`. Where all samples fit one batch, a whole
    weight equals so many repetitions of the sample.

    Example:
        >>> X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
        >>> model = GraphNetClassifier(hidden=(8,), random_state=0).fit(X, ["no", "yes", "yes", "no"])
        >>> model.predict(X).tolist()
        ['no', 'yes', 'yes', 'no']
    """

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
        class_weight: Mapping[Any, float] | str | None = None,
    ) -> None:
        super().__init__(
            spec,
            hidden=hidden,
            activation=activation,
            optimizer=optimizer,
            lr=lr,
            epochs=epochs,
            batch_size=batch_size,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            patience=patience,
            overrides=overrides,
            random_state=random_state,
        )
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> GraphNetClassifier:
        """Train anew.

        Args:
            X: Samples (n, features); float32 is computed in float32, all else in float64.
            y: Labels (n,).
            sample_weight: Weights (n,), none of them negative.

        Raises:
            ValueError: When the data does not fit, or the loss is no longer finite.
        """
        X, y = self._checked(X, y)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, index = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise UsageError(
                "GN754",
                f"y holds one class only, {self.classes_[:1].tolist()[0]!r}",
                help="a classifier needs samples of at least two classes",
            )
        source = self.spec or shorthand(
            self.hidden,
            self.activation,
            features=X.shape[1],
            results=len(self.classes_),
            target={"shape": [], "dtype": "int64", "classes": len(self.classes_)},
            loss="CrossEntropyLoss",
        )
        if self.class_weight is not None:
            by_class = compute_sample_weight(self.class_weight, y)
            sample_weight = by_class if sample_weight is None else by_class * sample_weight
        self._train(X, index, sample_weight, source, stratify=index)
        return self

    def decision_function(self, X: Any) -> Array:
        """Return scores (n, classes); for two classes (n,), positive where the second is more likely."""
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: Any) -> Array:
        """Return probabilities (n, classes), in the order of `classes_`."""
        scores = self._scores(X)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        result: Array = powers / powers.sum(axis=1, keepdims=True)
        return result

    def predict(self, X: Any) -> Array:
        """Return the most likely labels (n,)."""
        decided = self._scores(X).argmax(axis=1)
        result: Array = self.classes_[decided]
        return result

    def _scores(self, X: Any) -> Array:
        """Return scores (n, classes) whose softmax are the probabilities."""
        outputs = self._outputs(X)
        kind = loss_of(self.spec_)
        if kind not in ONE_SCORE:
            return outputs.reshape(len(outputs), -1)
        logits = outputs.reshape(-1, 1)
        if kind == "BCELoss":
            with np.errstate(divide="ignore"):
                logits = np.log(logits) - np.log1p(-logits)
        return np.hstack([np.zeros_like(logits), logits])

    def _refuse_misfit(self, program: Program) -> None:
        """Refuse a spec that decides between another number of classes.

        Raises:
            UsageError: When it does (GN755).
        """
        listing = program.routines["predict"].listing
        scores = listing.buffers[listing.outputs[0]].type.size_at(1)
        decided = 2 if loss_of(program.spec) in ONE_SCORE and scores == 1 else scores
        if decided != len(self.classes_):
            raise UsageError(
                "GN755",
                f"the spec decides between {decided} classes, y holds {len(self.classes_)}",
                help="let its last layer give a score per class",
            )
