"""GraphNetRegressor: a network as a scikit-learn regressor."""

from __future__ import annotations

from typing import Any

from sklearn.base import RegressorMixin

from graphnet.backend import Array
from graphnet.sklearn.estimator import GraphNetEstimator
from graphnet.sklearn.networks import shorthand


class GraphNetRegressor(RegressorMixin, GraphNetEstimator):  # type: ignore[misc]
    """A regressor: a network declared by a spec, or by the sizes of its hidden layers.

    Args:
        spec: Path, YAML text or mapping of a spec with one input, one target, one output and one loss. Its
            data and metrics are not used. None: a plain network by `hidden` and `activation`, with MSELoss.
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

    Attributes:
        spec_: The resolved spec as plain data.
        weights_: Trained arrays by name, torch's names and layouts.
        network_: The network with them.
        n_iter_: Epochs trained.
        loss_curve_: Loss of every epoch.
        validation_curve_: That of the part kept back, with early_stopping.

    The loss of a batch is the weighted mean `sum w l / sum w`. Where all samples fit one batch, a whole
    weight equals so many repetitions of the sample. Targets are learned as they are: scale them
    where they are far from 1, as by sklearn.compose.TransformedTargetRegressor.

    Example:
        >>> X = [[0.0], [0.5], [1.0], [1.5]]
        >>> model = GraphNetRegressor(hidden=(), lr=0.1, random_state=0).fit(X, [1.0, 2.0, 3.0, 4.0])
        >>> model.predict([[2.0]]).round(2).tolist()
        [5.0]
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> GraphNetRegressor:
        """Train anew.

        Args:
            X: Samples (n, features); float32 is computed in float32, all else in float64.
            y: Targets (n,) or (n, results).
            sample_weight: Weights (n,), none of them negative.

        Raises:
            ValueError: When the data does not fit, or the loss is no longer finite.
        """
        X, y = self._checked(X, y, multi_output=True, y_numeric=True)
        self._single = y.ndim == 1
        results = y.size // len(y)
        source = self.spec or shorthand(
            self.hidden,
            self.activation,
            features=X.shape[1],
            results=results,
            target={"shape": [results]},
            loss="MSELoss",
        )
        self._train(X, y, sample_weight, source, stratify=None)
        return self

    def predict(self, X: Any) -> Array:
        """Return predictions (n,), or (n, results) where y had two dimensions."""
        outputs = self._outputs(X)
        return outputs.reshape(-1) if self._single else outputs

    def __sklearn_tags__(self) -> Any:
        """Say that there may be several targets."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
