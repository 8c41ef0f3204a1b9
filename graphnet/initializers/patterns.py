"""Initializers that give a parameter a structure, or values from a file."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Integer, Optional, Real, Text, setting
from graphnet.initializers.fans import Fans
from graphnet.initializers.initializer import Initializer
from graphnet.ir import Draw


class Eye(Initializer):
    """Ones on the diagonal of a matrix, so that as much of the input passes as fits."""

    type_name = "eye"

    def draw(self, fans: Fans) -> Draw:
        """Return the pattern."""
        return Draw("eye")


@dataclass(frozen=True, kw_only=True)
class Dirac(Initializer):
    """Convolution that passes its inputs on: 1 in the kernel's middle from input i to output i of a group."""

    type_name = "dirac"
    groups: int = setting(Integer(1), 1, doc="groups that the outputs are divided into")

    def draw(self, fans: Fans) -> Draw:
        """Return the pattern."""
        return Draw("dirac", float(self.groups))


@dataclass(frozen=True, kw_only=True)
class Orthogonal(Initializer):
    """Random matrix with orthonormal rows or columns, whichever are fewer, times gain.

    Dimensions after the first count as one. It is the Q of a random normal matrix, its signs chosen so that
    all such matrices are equally likely.

    References:
        Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear
        neural networks", 2013.
    """

    type_name = "orthogonal"
    gain: float = setting(Real(), 1.0, doc="factor on every element")

    def draw(self, fans: Fans) -> Draw:
        """Return the distribution."""
        return Draw("orthogonal", self.gain)


@dataclass(frozen=True, kw_only=True)
class Sparse(Initializer):
    """Normal, but in each column of a matrix a share of the elements is 0.

    References:
        Martens, "Deep learning via Hessian-free optimization", 2010.
    """

    type_name = "sparse"
    sparsity: float = setting(Real(low=0.0, high=1.0), doc="share of zeros in each column")
    std: float = setting(Real(low=0.0), 0.01, doc="standard deviation of the others")

    def draw(self, fans: Fans) -> Draw:
        """Return the distribution."""
        return Draw("sparse", self.sparsity, self.std)


class Bilinear(Initializer):
    """Transposed convolution that enlarges pictures by linear interpolation.

    Each kernel is the product of triangles `1 - |i - (k - 1) / 2| / ceil(k / 2)` along its dimensions, k
    being their sizes. Weights (C, 1, ...) have it everywhere, others from input i to output i.

    References:
        Long, Shelhamer and Darrell, "Fully Convolutional Networks for Semantic Segmentation", 2015.
    """

    type_name = "bilinear"

    def draw(self, fans: Fans) -> Draw:
        """Return the pattern."""
        return Draw("bilinear")


@dataclass(frozen=True, kw_only=True)
class FromFile(Initializer):
    """Values from a file: npy, npz or safetensors, of the parameter's own shape."""

    type_name = "from_file"
    path: str = setting(Text(), doc="the file, relative to the spec's folder")
    array: str | None = setting(
        Optional(Text()), None, doc="name of the array in it; the only one where left out"
    )

    def draw(self, fans: Fans) -> Draw:
        """Return where the values are."""
        return Draw("file", source=self.path, entry=self.array or "")
