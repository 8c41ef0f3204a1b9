"""Adaptive softmax: many classes, of which the rare ones are told apart in fewer features."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graphnet.declare import Flag, Integer, Listed, Optional, Real, setting
from graphnet.ir import TensorType, shape_text
from graphnet.layers.composite import joined, part_of
from graphnet.layers.layer import Layer, LayerError, Parameter
from graphnet.layers.linear import Linear, feature_count
from graphnet.layers.parts import cut
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class AdaptiveLogSoftmaxWithLoss(Layer):
    """Logarithms of the probabilities of many classes, sorted from frequent to rare.

    Classes below `cutoffs[0]` are told apart by the head, which also says how likely each cluster of rarer
    ones is: `y[c] = h[c]` for them, `y[c] = h[cutoffs[0] + i] + t_i[c - cutoffs[i]]` for cluster i, with
    `h = log_softmax(head(x))` and `t_i = log_softmax(tail_i(x))`. `x` (N, ..., E), `y` (N, ..., n_classes).
    Parameters are `head.weight` (cutoffs[0] + clusters, E), with `head_bias` `head.bias`, and for every
    cluster `tail.i.0.weight` (H, E) and `tail.i.1.weight` (its classes, H), `H = floor(E / div_value^(i+1))`.

    It gives what torch's `log_prob` gives, so that it predicts as well; the loss that torch's module
    returns is NLLLoss of it. All clusters are computed for all samples.

    References:
        Grave et al., "Efficient softmax approximation for GPUs", 2017, section 4.
    """

    n_classes: int = setting(Integer(2), doc="number of classes")
    cutoffs: tuple[int, ...] = setting(
        Listed(Integer(1)), doc="class at which each cluster begins, in rising order"
    )
    in_features: int | None = setting(Optional(Integer(1)), None, doc="features E; inferred")
    div_value: float = setting(
        Real(low=1.0), 4.0, doc="how many times fewer features each next cluster has"
    )
    head_bias: bool = setting(Flag(), False, doc="whether the head has a bias")

    def conflict(self) -> str:
        """Refuse cutoffs that are none, do not rise, or lie beyond the classes."""
        ends = (*self.cutoffs, self.n_classes)
        if self.cutoffs and all(a < b for a, b in pairwise(ends)):
            return ""
        return f"cutoffs {list(self.cutoffs)} must rise, from 1 to n_classes - 1 = {self.n_classes - 1}"

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other than numbers, other features than `in_features`, and clusters without features."""
        (x,) = inputs
        features = feature_count(x)
        if self.in_features not in (None, features):
            raise LayerError(
                f"in_features is {self.in_features}, but the input {shape_text(x.shape)} has "
                f"{features} features",
                f"write in_features: {features}, or leave it out",
            )
        clusters = len(self.cutoffs)
        if not self._width(features, clusters - 1):
            raise LayerError(
                f"cluster {clusters - 1} has no features left of the input {shape_text(x.shape)}: "
                f"floor({features} / {self.div_value:g}^{clusters}) = 0",
                "give fewer cutoffs, or a smaller div_value",
            )

    def _width(self, features: int, cluster: int) -> int:
        """Return H; beyond 2^64 the power, which could overflow, leaves nothing of any input."""
        if (cluster + 1) * math.log2(self.div_value) > 64:
            return 0
        return int(features // self.div_value ** (cluster + 1))

    def _maps(self, features: int) -> dict[str, tuple[Linear, int]]:
        """Return every linear map by the name of its part, and the features that it reads."""
        ends = (*self.cutoffs, self.n_classes)
        head = Linear(out_features=self.cutoffs[0] + len(self.cutoffs), bias=self.head_bias)
        maps = {"head": (head, features)}
        for cluster, (start, stop) in enumerate(pairwise(ends)):
            width = self._width(features, cluster)
            maps[f"tail.{cluster}.0"] = Linear(out_features=width, bias=False), features
            maps[f"tail.{cluster}.1"] = Linear(out_features=stop - start, bias=False), width
        return maps

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return those of the head, then of each cluster."""
        (x,) = inputs
        return joined(
            {
                name: one.parameters([x.with_shape(*x.shape[:-1], reads)], dtype)
                for name, (one, reads) in self._maps(feature_count(x)).items()
            }
        )

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a softmax of the head and of every cluster, and put them side by side."""
        (x,) = inputs
        last = x.rank - 1
        maps = self._maps(feature_count(x.type))

        def mapped(name: str, value: Value) -> Value:
            return maps[name][0].emit(e, [value], part_of(parameters, name), training=training)

        head = e.emit("log_softmax", mapped("head", x), axis=last)
        sizes = (self.cutoffs[0], *(1 for _ in self.cutoffs))
        frequent, *clusters = cut(e, head, last, sizes)
        found = [frequent]
        for number, cluster in enumerate(clusters):
            narrow = mapped(f"tail.{number}.0", x)
            inside = e.emit("log_softmax", mapped(f"tail.{number}.1", narrow), axis=last)
            found.append(e.emit("add", inside, cluster))
        return e.emit("concat", *found, axis=last)
