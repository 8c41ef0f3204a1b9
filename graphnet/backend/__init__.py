"""Backends: Programs bound to live memory."""

from graphnet.backend.arena import Array as Array
from graphnet.backend.base import BoundRoutine as BoundRoutine
from graphnet.backend.base import Step as Step
from graphnet.backend.initialize import initialize as initialize
from graphnet.backend.numpy import KERNELS as KERNELS
from graphnet.backend.numpy import NumpyExecutable as NumpyExecutable
from graphnet.backend.numpy import NumpyRoutine as NumpyRoutine
from graphnet.backend.numpy import finite as finite
from graphnet.backend.numpy import generator_for as generator_for
