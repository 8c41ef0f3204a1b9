"""Parametrizations: a layer's parameter worked out from others, which are trained in its place."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace

from graphnet.declare import Entry, Integer, Optional, Real, Table, setting
from graphnet.errors import listed, nearest
from graphnet.ir import Draw, TensorType, shape_text
from graphnet.layers.dropout import keep_mask
from graphnet.layers.layer import Initial, Layer, LayerError, Parameter
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class Parametrization(Entry):
    """Base of all parametrizations. `outputs` is the dimension of the parameter that counts outputs."""

    @abstractmethod
    def parts(self, root: str, whole: Parameter, outputs: int) -> dict[str, Parameter]:
        """Return what takes a parameter's place, by torch's names after `root`.

        Raises:
            LayerError: When the parameter cannot be worked out so.
        """

    @abstractmethod
    def emit(self, e: Emitter, parts: Mapping[str, Value], outputs: int, training: bool) -> Value:
        """Emit the parameter."""


@dataclass(frozen=True, kw_only=True)
class WeightNorm(Parametrization):
    """Length and direction apart: `w = g v / ||v||`, a norm for each place along `dim`.

    `original0` g has the shape of w with all other dimensions 1, or none where `dim` is null; `original1` v
    has that of w. v starts as w would, and g as its norms, so that the network starts as without it.
    A slice that starts at zero has no direction.

    References:
        Salimans and Kingma, "Weight Normalization", 2016, equation 2.
    """

    type_name = "weight_norm"
    dim: int | None = setting(
        Optional(Integer(-1)), 0, doc="dimension with a norm for each place; null or -1: one norm"
    )

    def parts(self, root: str, whole: Parameter, outputs: int) -> dict[str, Parameter]:
        """Return g and v."""
        kind, dim = whole.type, _whole_or(self.dim)
        _check_dim(dim, kind, least=-1)
        shape = tuple(n if axis == dim else 1 for axis, n in enumerate(kind.shape))
        start = Draw("norm", float(dim), source=f"{root}.original1")
        # A row that starts at zero would be divided by zero.
        if whole.zero_row >= 0 and dim == 0:
            raise LayerError(
                f"row {whole.zero_row} starts at zero and has no direction",
                "write dim: 1, or leave out what sets the row to zero",
            )
        g = replace(whole, type=kind.with_shape(*shape if dim >= 0 else ()), initial=start)
        return {"original0": replace(g, zero_row=-1), "original1": whole}

    def emit(self, e: Emitter, parts: Mapping[str, Value], outputs: int, training: bool) -> Value:
        """Emit the norms, the quotient of g and them, and its product with v."""
        g, v = parts["original0"], parts["original1"]
        dim = _whole_or(self.dim)
        axes = tuple(axis for axis in range(v.rank) if axis != dim)
        return e.emit("mul", v, e.emit("div", g, _norm(e, v, axes, keepdims=dim >= 0)))


@dataclass(frozen=True, kw_only=True)
class SpectralNorm(Parametrization):
    """A largest singular value of 1: `w = m / s`, `s = u^T M v`, M being m as a matrix with `dim` in front.

    `original` m is trained. `_u` and `_v` follow M's first singular vectors: every pass while training first
    sets `u = M v / ||M v||`, then `v = M^T u / ||M^T u||`, `n_power_iterations` times; gradients take both
    as given. They start from normal numbers, 15 such steps, and those of one pass, as in torch.

    References:
        Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018, algorithm 1.
    """

    type_name = "spectral_norm"
    n_power_iterations: int = setting(
        Integer(1, 1000), 1, doc="steps of the power method in each pass"
    )
    eps: float = setting(Real(above=0.0), 1e-12, doc="least norm that is divided by")
    dim: int | None = setting(
        Optional(Integer()), None, doc="dimension that counts outputs; the layer's own"
    )

    def parts(self, root: str, whole: Parameter, outputs: int) -> dict[str, Parameter]:
        """Return m, u and v; a vector needs no more than itself."""
        kind = whole.type
        dim = outputs if self.dim is None else self.dim
        _check_dim(dim, kind, least=-kind.rank)
        if kind.rank == 1:
            return {"original": whole}
        count = int(str(kind.shape[dim]))
        steps = FIRST_STEPS + self.n_power_iterations
        start = Draw(
            "singular",
            a=float(dim % kind.rank),
            b=float(steps),
            c=self.eps,
            source=f"{root}.original",
            entry=f"{root}.0._v",
        )
        u = Parameter(kind.with_shape(count), start, trained=False)
        v = Parameter(kind.with_shape(kind.size_at(1) // count), NORMAL, trained=False)
        return {"original": whole, "0._u": u, "0._v": v}

    def emit(self, e: Emitter, parts: Mapping[str, Value], outputs: int, training: bool) -> Value:
        """Emit steps of the power method while training, the singular value, and the quotient."""
        w = parts["original"]
        if w.rank == 1:
            return e.emit("div", w, self._length(e, w, keepdims=False))
        matrix = _matrix(e, w, outputs if self.dim is None else self.dim % w.rank)
        u, v = (
            e.emit("reshape", parts[name], shape=(*parts[name].shape, 1))
            for name in ("0._u", "0._v")
        )
        if training:
            for _ in range(self.n_power_iterations):
                u = self._unit(e, _product(e, matrix, v))
                v = self._unit(e, _product(e, matrix, u, turned=True))
            for value, name in ((u, "0._u"), (v, "0._v")):
                _keep(e, value, parts[name])
            u, v = e.emit("detach", u), e.emit("detach", v)
        products = e.emit("mul", u, _product(e, matrix, v))
        return e.emit("div", w, e.emit("sum", products, axes=(0, 1), keepdims=False))

    def _unit(self, e: Emitter, x: Value) -> Value:
        return e.emit("div", x, self._length(e, x, keepdims=True))

    def _length(self, e: Emitter, x: Value, *, keepdims: bool) -> Value:
        norm = _norm(e, x, tuple(range(x.rank)), keepdims=keepdims)
        return e.emit("maximum", norm, e.constant(self.eps, x.dtype))


@dataclass(frozen=True, kw_only=True)
class DropConnect(Parametrization):
    """Weights set to zero at random while training: `w = m v / (1 - p)`, m being 0 with probability p.

    `original` v is trained, and is w itself when judging or predicting. A draw serves a whole batch.

    References:
        Wan et al., "Regularization of Neural Networks using DropConnect", 2013; scaled while training.
    """

    type_name = "drop_connect"
    p: float = setting(
        Real(low=0.0, below=1.0), 0.5, doc="probability that an element becomes zero"
    )

    def parts(self, root: str, whole: Parameter, outputs: int) -> dict[str, Parameter]:
        """Return v."""
        return {"original": whole}

    def emit(self, e: Emitter, parts: Mapping[str, Value], outputs: int, training: bool) -> Value:
        """Emit a random mask and a product while training, else nothing."""
        v = parts["original"]
        if not training or self.p == 0.0:
            return v
        return e.emit("mul", v, keep_mask(e, v.type, self.p, "drop_connect"))


FIRST_STEPS = 15
NORMAL = Initial("normal", {"mean": 0.0, "std": 1.0})

PARAMETRIZATIONS: Table[Parametrization] = Table(
    "parametrization", [WeightNorm, SpectralNorm, DropConnect]
)


def taken_apart(
    layer: Layer, own: Mapping[str, Parameter], chosen: Mapping[str, Parametrization]
) -> dict[str, Parameter]:
    """Return a layer's parameters, those that are worked out replaced by what they are worked out from.

    Raises:
        LayerError: When there is no such parameter, or it cannot be worked out so.
    """
    trained = [name for name, parameter in own.items() if parameter.trained]
    for name in chosen:
        if name not in trained:
            message = (
                f"has no parameter {name!r} to parametrize; it has {listed(trained) or 'none'}"
            )
            raise LayerError(message, nearest(name, trained), f"parametrization.{name}")
    found: dict[str, Parameter] = {}
    # torch draws what a parametrization adds after all of the layer's own.
    last = max((parameter.order for parameter in own.values()), default=0)
    for name, whole in own.items():
        if name not in chosen:
            found[name] = whole
            continue
        try:
            parts = chosen[name].parts(root_of(name), whole, layer.output_dims.get(name, 0))
        except LayerError as error:
            where = f"parametrization.{name}"
            raise LayerError(f"{name} {error.message}", error.help, where) from error
        place = last + 1 + list(chosen).index(name)
        for part, parameter in parts.items():
            mine = {"called": name} if parameter is whole else {"order": place}
            found[f"{root_of(name)}.{part}"] = replace(parameter, **mine)
    return found


def put_together(
    layer: Layer,
    e: Emitter,
    held: Mapping[str, Value],
    chosen: Mapping[str, Parametrization],
    *,
    training: bool,
) -> dict[str, Value]:
    """Emit what is worked out, and return all parameters by the layer's own names."""
    found = dict(held)
    for name, how in chosen.items():
        start = f"{root_of(name)}."
        parts = {
            part.removeprefix(start): found.pop(part) for part in held if part.startswith(start)
        }
        with e.within_part(name):
            found[name] = how.emit(e, parts, layer.output_dims.get(name, 0), training)
    return found


def root_of(name: str) -> str:
    """Return what the names of a parameter's parts begin with, as torch has them.

    Example:
        >>> root_of("weight"), root_of("self_attn.in_proj_weight")
        ('parametrizations.weight', 'self_attn.parametrizations.in_proj_weight')
    """
    part, dot, own = name.rpartition(".")
    return f"{part}{dot}parametrizations.{own}"


def _whole_or(dim: int | None) -> int:
    return -1 if dim is None else dim


def _check_dim(dim: int, kind: TensorType, *, least: int) -> None:
    if not kind.rank:
        raise LayerError("is a single number, which is not parametrized")
    if not least <= dim < kind.rank:
        raise LayerError(
            f"{shape_text(kind.shape)} has no dim {dim}", f"write dim: {kind.rank - 1} or less"
        )


def _norm(e: Emitter, x: Value, axes: tuple[int, ...], *, keepdims: bool) -> Value:
    squares = e.emit("square", x)
    return e.emit("sqrt", e.emit("sum", squares, axes=axes, keepdims=keepdims))


def _keep(e: Emitter, value: Value, statistic: Value) -> None:
    """Emit that a statistic becomes a value: an average that forgets all before."""
    held = (statistic,)
    e.emit("running_average", value, value, accumulates=held, momentum=1.0, unbiased=False)


def _matrix(e: Emitter, w: Value, dim: int) -> Value:
    """Return `w` with `dim` in front and all others joined."""
    if dim:
        w = e.emit("permute", w, axes=(dim, *(axis for axis in range(w.rank) if axis != dim)))
    if w.rank == 2:
        return w
    others = math.prod(int(str(size)) for size in w.shape[1:])
    return e.emit("reshape", w, shape=(w.shape[0], others))


def _product(e: Emitter, matrix: Value, vector: Value, *, turned: bool = False) -> Value:
    return e.emit("matmul", matrix, vector, transpose_a=turned, transpose_b=False)
