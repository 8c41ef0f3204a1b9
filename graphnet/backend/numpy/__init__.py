"""The NumPy backend: kernels over preallocated arrays."""

from graphnet.backend.numpy.executable import NumpyExecutable as NumpyExecutable
from graphnet.backend.numpy.executable import NumpyRoutine as NumpyRoutine
from graphnet.backend.numpy.executable import finite as finite
from graphnet.backend.numpy.kernels import KERNELS as KERNELS
from graphnet.backend.numpy.streams import generator_for as generator_for
