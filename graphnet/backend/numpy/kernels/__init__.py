"""The kernel table of the NumPy backend: one kernel per op."""

from graphnet.backend.numpy.binding import Kernel
from graphnet.backend.numpy.kernels import (
    activation,
    choice,
    convolution,
    elementwise,
    functions,
    indexing,
    loss,
    matmul,
    normalization,
    pointwise,
    pooling,
    random,
    reduction,
    scalar,
    shape,
    softmax,
    targets,
)

KERNELS: dict[str, Kernel] = {
    **elementwise.KERNELS,
    **functions.KERNELS,
    **choice.KERNELS,
    **activation.KERNELS,
    **pointwise.KERNELS,
    **softmax.KERNELS,
    **matmul.KERNELS,
    **reduction.KERNELS,
    **shape.KERNELS,
    **indexing.KERNELS,
    **normalization.KERNELS,
    **random.KERNELS,
    **loss.KERNELS,
    **targets.KERNELS,
    **scalar.KERNELS,
    **convolution.KERNELS,
    **pooling.KERNELS,
}
