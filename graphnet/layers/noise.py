"""Noise while training: masks over channels and samples, random numbers added or multiplied."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Choice, Flag, Integer, Real, setting
from graphnet.ir import Shape, TensorType, shape_text
from graphnet.layers.activation import AlongDim, needs_floats, positive_dim
from graphnet.layers.dropout import keep_mask
from graphnet.layers.layer import Layer, LayerError
from graphnet.layers.rectifier import SELU_ALPHA, SELU_SCALE
from graphnet.ops import Emitter, Value

CHANCE = Real(low=0.0, below=1.0)


@dataclass(frozen=True, kw_only=True)
class Noise(Layer):
    """Base of layers that change numbers at random while training and do nothing otherwise."""

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers."""
        needs_floats(inputs)

    @property
    @abstractmethod
    def idle(self) -> bool:
        """Whether the settings leave everything as it is."""

    @abstractmethod
    def disturbed(self, e: Emitter, x: Value) -> Value:
        """Emit what training sees."""

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the noise while training, else nothing."""
        if not training or self.idle:
            return inputs[0]
        return self.disturbed(e, inputs[0])


@dataclass(frozen=True, kw_only=True)
class Masked(Noise):
    """Base of layers that drop with probability p."""

    p: float = setting(CHANCE, 0.5, doc="probability that something is dropped")

    @property
    def idle(self) -> bool:
        """Whether nothing is dropped."""
        return self.p == 0.0


@dataclass(frozen=True, kw_only=True)
class ChannelDropout(Masked):
    """Base of dropout of whole channels: one draw for each sample and channel."""

    dims: ClassVar[int]

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers and another number of dimensions."""
        super().check(inputs)
        (x,) = inputs
        if x.rank != self.dims + 2:
            wanted = ["N", "C", *("D", "H", "W")[3 - self.dims :]]
            wanted = ["N", "C", "L"] if self.dims == 1 else wanted
            raise LayerError(f"needs [{', '.join(wanted)}], the input is {shape_text(x.shape)}")

    def disturbed(self, e: Emitter, x: Value) -> Value:
        """Emit a mask over channels and a product."""
        return e.emit("mul", x, keep_mask(e, channels_of(x.type), self.p))


def channels_of(x: TensorType) -> TensorType:
    """Return the type of one number for each sample and channel."""
    shape: Shape = (*x.shape[:2], *(1,) * (x.rank - 2))
    return x.with_shape(*shape)


class Dropout1d(ChannelDropout):
    """Set whole channels to zero at random while training: `x` and `y` (N, C, L).

    `y = x * m / (1 - p)`, m being 0 with probability p, else 1, for each sample and channel.

    References:
        Tompson et al., "Efficient object localization using convolutional networks", CVPR 2015, section 3.2.
    """

    dims = 1


class Dropout2d(ChannelDropout):
    """Set whole channels to zero at random while training: `x` and `y` (N, C, H, W).

    `y = x * m / (1 - p)`, m being 0 with probability p, else 1, for each sample and channel.
    """

    dims = 2


class Dropout3d(ChannelDropout):
    """Set whole channels to zero at random while training: `x` and `y` (N, C, D, H, W).

    `y = x * m / (1 - p)`, m being 0 with probability p, else 1, for each sample and channel.
    """

    dims = 3


@dataclass(frozen=True, kw_only=True)
class AlphaDropout(Masked):
    """Dropout that keeps mean 0 and variance 1, for SELU, while training; any shape.

    `y = a (x m + s (1 - m)) + b` with m being 0 with probability p, else 1, s = -1.7581 what SELU tends to,
    a = 1 / sqrt((1 - p)(1 + p s^2)) and b = -a p s.

    References:
        Klambauer et al., "Self-normalizing neural networks", NIPS 2017, section 3, "new dropout technique".
    """

    def mask_type(self, x: TensorType) -> TensorType:
        """Return the type of the mask."""
        return x

    def disturbed(self, e: Emitter, x: Value) -> Value:
        """Emit the mask, the product, and what takes the place of the dropped."""
        dropped = -SELU_ALPHA * SELU_SCALE
        a = 1.0 / math.sqrt((1.0 - self.p) * (1.0 + self.p * dropped**2))
        # The mask holds 1 / (1 - p): a m = (1 - p) a mask, and a s (1 - m) + b = a s (1 - p - m).
        mask = keep_mask(e, self.mask_type(x.type), self.p)
        scaled = e.emit("scale", mask, factor=(1.0 - self.p) * a)
        rest = e.emit(
            "shift", e.emit("scale", scaled, factor=-dropped), amount=a * dropped * (1 - self.p)
        )
        return e.emit("add", e.emit("mul", x, scaled), rest)


class FeatureAlphaDropout(AlphaDropout):
    """AlphaDropout of whole channels while training: `x` and `y` (N, C, ...), one draw for each (N, C)."""

    def mask_type(self, x: TensorType) -> TensorType:
        """Return one number for each sample and channel."""
        return channels_of(x)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers, and inputs without channels."""
        super().check(inputs)
        if inputs[0].rank < 2:
            raise LayerError(f"needs [N, C, ...], the input is {shape_text(inputs[0].shape)}")


@dataclass(frozen=True, kw_only=True)
class GaussianNoise(Noise):
    """Add normal numbers while training, `y = x + std * n`, n standard normal; any shape."""

    std: float = setting(Real(low=0.0), doc="standard deviation of what is added")

    @property
    def idle(self) -> bool:
        """Whether nothing is added."""
        return self.std == 0.0

    def disturbed(self, e: Emitter, x: Value) -> Value:
        """Emit normal numbers and a sum."""
        n = e.emit("standard_normal", dtype=x.dtype, shape=x.shape, stream=f"noise:{e.layer}")
        return e.emit("add", x, e.emit("scale", n, factor=self.std))


class GaussianDropout(Masked):
    """Multiply by normal numbers while training, `y = x (1 + sqrt(p / (1 - p)) n)`; any shape.

    n is standard normal: mean and variance of the factor are those of dropout with probability p.

    References:
        Srivastava et al., "Dropout", JMLR 15 (2014), section 10.
    """

    def disturbed(self, e: Emitter, x: Value) -> Value:
        """Emit normal numbers and a product."""
        n = e.emit("standard_normal", dtype=x.dtype, shape=x.shape, stream=f"noise:{e.layer}")
        factor = e.emit("scale", n, factor=math.sqrt(self.p / (1.0 - self.p)))
        return e.emit("mul", x, e.emit("shift", factor, amount=1.0))


@dataclass(frozen=True, kw_only=True)
class StochasticDepth(Masked):
    """Drop whole samples while training, `y = x * m / (1 - p)`, m one draw per sample or per batch.

    It stands at the end of a branch whose result is added to what goes past it (torchvision).

    References:
        Huang et al., "Deep networks with stochastic depth", ECCV 2016, equation 2; scaled while training.
    """

    mode: str = setting(
        Choice(("row", "batch")), "row", doc="draw for each sample, or once per batch"
    )

    def disturbed(self, e: Emitter, x: Value) -> Value:
        """Emit a mask over samples and a product."""
        first = x.shape[0] if self.mode == "row" else 1
        shape: Shape = (first, *(1,) * (x.rank - 1))
        return e.emit("mul", x, keep_mask(e, x.type.with_shape(*shape), self.p))


@dataclass(frozen=True, kw_only=True)
class GumbelSoftmax(AlongDim):
    """Softmax of scores with noise, `y = softmax((x + g) / tau)` along `dim`, g = -log(-log u), u uniform.

    Noise is added while training only (torch's function always adds it). With `hard` the result is 1 at the
    greatest place and 0 elsewhere, while the gradient is that of the soft one.

    References:
        Jang et al., "Categorical reparameterization with Gumbel-softmax", ICLR 2017, equations 1 and 2.
    """

    op = "softmax"
    tau: float = setting(Real(above=0.0), 1.0, doc="temperature")
    hard: bool = setting(Flag(), False, doc="give 1 at the greatest place and 0 elsewhere")
    dim: int = setting(Integer(), -1, doc="dimension it runs along, the batch being 0")

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit noise while training, the softmax, and what makes it hard."""
        (x,) = inputs
        axis = positive_dim(self.dim, x.type)
        if training:
            x = e.emit("add", x, self._noise(e, x))
        soft = e.emit("softmax", e.emit("scale", x, factor=1.0 / self.tau), axis=axis)
        if not self.hard:
            return soft
        held = e.emit("detach", soft)
        top = e.emit("max", held, axes=(axis,), keepdims=True)
        hard = e.emit("compare", held, top, dtype=x.dtype, relation="equal")
        # soft - held is 0 and brings its gradient along.
        return e.emit("add", hard, e.emit("sub", soft, held))

    def _noise(self, e: Emitter, x: Value) -> Value:
        u = e.emit("uniform", dtype=x.dtype, shape=x.shape, stream=f"noise:{e.layer}")
        inner = e.emit("scale", e.emit("log", u), factor=-1.0)
        return e.emit("scale", e.emit("log", inner), factor=-1.0)
