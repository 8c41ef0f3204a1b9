"""Pictures of networks and runs."""

from graphnet.viz.confusion_plot import confusion_matrix as confusion_matrix
from graphnet.viz.plots import decision_regions as decision_regions
from graphnet.viz.plots import loss_curve as loss_curve
