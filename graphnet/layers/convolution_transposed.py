"""Transposed convolution: the gradient of a convolution with respect to its input, as a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphnet.declare import setting
from graphnet.ir import TensorType
from graphnet.layers.axes import PerAxis, each_axis, fixed
from graphnet.layers.convolution import Convolution
from graphnet.layers.layer import LayerError, Parameter
from graphnet.ops import Emitter, Value
from graphnet.ops.window import reach


@dataclass(frozen=True, kw_only=True)
class ConvTransposeNd(Convolution):
    """Base of transposed convolutions along some axes."""

    per_axis: ClassVar[tuple[str, ...]] = (*Convolution.per_axis, "output_padding")
    output_dims: ClassVar[Mapping[str, int]] = {"weight": 1}

    padding: PerAxis = setting(
        each_axis(0), 0, doc="elements cut off at both ends: what a convolution would have added"
    )
    output_padding: PerAxis = setting(
        each_axis(0), 0, doc="elements added at the end, below stride or dilation"
    )

    def conflict(self) -> str:
        """Refuse output_padding that is not below stride or dilation."""
        wrong = super().conflict()
        rows = [self.along(name) for name in ("output_padding", "stride", "dilation")]
        for extra, stride, dilation in () if wrong else zip(*rows, strict=True):
            if extra >= max(stride, dilation):
                return f"output_padding {extra} must be below the stride {stride} or the dilation {dilation}"
        return wrong

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what all convolutions refuse, and padding that leaves nothing."""
        super().check(inputs)
        self._sizes(inputs[0])

    def _sizes(self, x: TensorType) -> tuple[int, ...]:
        """Return the sizes of the output along each axis.

        Raises:
            LayerError: When nothing is left.
        """
        names = ("kernel_size", "stride", "padding", "dilation", "output_padding")
        rows = [self.along(name) for name in names]
        sizes = []
        for axis, (size, k, s, p, d, extra) in enumerate(
            zip(fixed(x.shape[2:]), *rows, strict=True)
        ):
            made = (size - 1) * s - 2 * p + reach(k, d) + extra
            if made < 1:
                raise LayerError(
                    f"the output would have {made} = ({size} - 1) * {s} - 2 * {p} + {reach(k, d)} + "
                    f"{extra} elements along dim {axis + 2}",
                    "make padding smaller",
                )
            sizes.append(made)
        return tuple(sizes)

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return `weight` (in_channels, out_channels / groups, kernel ...) and `bias` (out_channels)."""
        (x,) = inputs
        return self.weight_and_bias(self.channels_of(x), self.out_channels // self.groups, x)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the gradient of a convolution that would give the input, zeros behind it, and a sum."""
        (x,) = inputs
        rows = zip(
            *(self.along(name) for name in ("padding", "output_padding", "stride")), strict=True
        )
        after, behind = [], []
        for padding, extra, stride in rows:
            # Elements that no window of that convolution would reach are none of its input's.
            beyond = max(0, extra - padding)
            behind.append(beyond if beyond >= stride else 0)
            after.append(max(0, padding - extra))
        spatial = tuple(a - b for a, b in zip(self._sizes(x.type), behind, strict=True))
        options: dict[str, Any] = {"before": self.along("padding"), "after": tuple(after)}
        options |= {name: self.along(name) for name in ("stride", "dilation")}
        y = e.emit(
            "conv_input_gradient",
            self.turned(e, x),
            parameters["weight"],
            groups=self.groups,
            spatial=spatial,
            **options,
        )
        if any(behind):
            ends: dict[str, Any] = {"before": (0,) * y.rank, "after": (0, *behind, 0)}
            y = e.emit("pad", y, **ends, value=0.0)
        return self.finished(e, y, parameters)


class ConvTranspose1d(ConvTransposeNd):
    """Transposed convolution along a sequence, `x` (N, C, L) to `y` (N, O, M).

    Every `x[n, c, p]` adds `weight[c, o, t] x[n, c, p]` to `y[n, o, p stride - padding + t dilation]`, and
    b[o] is added to all; `M = (L - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1`.
    `weight` is (C, O / groups, kernel_size), `bias` (O), both uniform within 1 / sqrt(O / groups kernel_size)
    at first.
    """

    rank = 1


class ConvTranspose2d(ConvTransposeNd):
    """Transposed convolution of images, `x` (N, C, H, W) to `y` (N, O, H', W').

    As ConvTranspose1d along both axes; `weight` is (C, O / groups, kernel height, kernel width). Every
    setting but channels and groups is one number or [height, width].

    References:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, section 4.
    """

    rank = 2


class ConvTranspose3d(ConvTransposeNd):
    """Transposed convolution of volumes, `x` (N, C, D, H, W) to `y` (N, O, D', H', W').

    As ConvTranspose1d along all three axes; `weight` is (C, O / groups, kernel depth, height, width). Every
    setting but channels and groups is one number or [depth, height, width].
    """

    rank = 3
