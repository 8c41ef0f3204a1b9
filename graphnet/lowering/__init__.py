"""Lowering: from the layer DAG to flat forward, backward and update lists."""

from graphnet.lowering.backward import BackwardLowering as BackwardLowering
from graphnet.lowering.loss_terms import PENALTY as PENALTY
from graphnet.lowering.routine import lower_auxiliary as lower_auxiliary
from graphnet.lowering.routine import lower_evaluate as lower_evaluate
from graphnet.lowering.routine import lower_predict as lower_predict
from graphnet.lowering.routine import lower_train as lower_train
from graphnet.lowering.routine import parameter_table as parameter_table
