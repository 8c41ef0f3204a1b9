"""scikit-learn estimators: networks that are trained and used as scikit-learn's own models are.

Needs the extra `sklearn`; nothing else in graphnet imports scikit-learn.
"""

from graphnet.sklearn.classifier import GraphNetClassifier as GraphNetClassifier
from graphnet.sklearn.regressor import GraphNetRegressor as GraphNetRegressor
