"""The estimators do what scikit-learn asks of its own."""

from __future__ import annotations

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from graphnet.sklearn import GraphNetClassifier, GraphNetRegressor


@parametrize_with_checks([GraphNetClassifier(), GraphNetRegressor()])
def test_every_check_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)
