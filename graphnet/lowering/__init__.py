"""Lowering: from the layer DAG to flat forward, backward and update lists."""

from graphnet.lowering.backward import BackwardLowering as BackwardLowering
from graphnet.lowering.forward import FROZEN as FROZEN
from graphnet.lowering.forward import GRADIENTS as GRADIENTS
from graphnet.lowering.forward import LOSS as LOSS
from graphnet.lowering.forward import PARAMETERS as PARAMETERS
from graphnet.lowering.routine import lower_evaluate as lower_evaluate
from graphnet.lowering.routine import lower_predict as lower_predict
from graphnet.lowering.routine import lower_train as lower_train
from graphnet.lowering.routine import parameter_table as parameter_table
from graphnet.lowering.update import LEARNING_RATE as LEARNING_RATE
from graphnet.lowering.update import STATE_PREFIX as STATE_PREFIX
