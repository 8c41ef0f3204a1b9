"""Random networks: valid specs of every layer type, with skips, fan-out, sharing, freezing and every loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Array = NDArray[Any]
Plain = dict[str, Any]
Sizes = tuple[int, ...]

COMPILED_BATCH = 8
ROWS = 5
"""Rows of every embedding; indices stay below."""
ACTIVATIONS = (
    *("Tanh", "Sigmoid", "ReLU", "Identity") * 2,
    *("ELU", "GELU", "LeakyReLU", "PReLU", "SiLU", "Softplus"),
)
"""Those that come first are drawn twice as often."""
LARGEST = 24
"""Elements of one sample's value; larger ones are not made."""

OPTIMIZERS: tuple[Plain, ...] = (
    {"type": "SGD"},
    {"type": "SGD", "momentum": 0.9, "weight_decay": 0.1},
    {"type": "SGD", "momentum": 0.8, "dampening": 0.3, "maximize": True},
    {"type": "SGD", "momentum": 0.7, "nesterov": True, "weight_decay": 0.01},
    {"type": "Adam", "eps": 1e-3},
    {"type": "Adam", "eps": 1e-3, "weight_decay": 0.1, "amsgrad": True, "betas": [0.6, 0.5]},
    {"type": "AdamW", "eps": 1e-3},
    {"type": "Adagrad", "eps": 1e-2, "lr_decay": 0.1, "initial_accumulator_value": 0.1},
    {"type": "RMSprop", "eps": 1e-2, "momentum": 0.5, "weight_decay": 0.1},
    {"type": "RAdam", "betas": [0.5, 0.9], "weight_decay": 0.1, "eps": 1e-2},
    {"type": "Adafactor", "eps": [1e-2, 1e-2], "weight_decay": 0.1},
    {"type": "AdamW", "eps": 1e-3, "weight_decay": 0.0, "amsgrad": True, "maximize": True},
)
"""Settings of PyTorch's optimizers, but for ASGD and NAdam, which keep numbers in its default type.

Adam's eps is large, for a small one enlarges rounding.
"""


@dataclass(frozen=True)
class Network:
    """A random network.

    Attributes:
        plain: Its spec.
        limits: Number that whole-number inputs and targets stay below, by name.
        shares: Targets that hold numbers from 0 to 1.
        batch_sizes: Sizes of the batches to train on, one after the other.
        seed: Where weights and data come from.
    """

    plain: Plain
    limits: dict[str, int]
    shares: frozenset[str]
    batch_sizes: tuple[int, ...]
    seed: int

    def batch(self, size: int, step: int) -> dict[str, Array]:
        """Draw inputs and targets for one batch."""
        chance = np.random.default_rng([self.seed, step, 202])
        data: dict[str, Array] = {}
        for name, tensor in {**self.plain["inputs"], **self.plain["targets"]}.items():
            shape = (size, *tensor["shape"])
            if name in self.limits:
                data[name] = chance.integers(0, self.limits[name], shape)
            elif name in self.shares:
                data[name] = chance.random(shape)
            else:
                data[name] = chance.standard_normal(shape)
        return data


@dataclass
class Draft:
    """A network while it is drawn: what there is to read, and how to choose."""

    draw: Callable[..., Any]
    dropout: bool
    values: dict[str, Sizes] = field(default_factory=dict)
    indices: dict[str, Sizes] = field(default_factory=dict)
    layers: Plain = field(default_factory=dict)

    def pick(self, choices: Any) -> Any:
        """Choose one of several."""
        return self.draw(st.sampled_from(list(choices)))

    def flag(self) -> bool:
        """Choose between yes and no."""
        return bool(self.draw(st.booleans()))

    def value(self, fits: Callable[[Sizes], bool] = lambda shape: True) -> str | None:
        """Choose a value to read whose shape per sample fits, or None where there is none."""
        names = [name for name, shape in self.values.items() if fits(shape)]
        return self.pick(names) if names else None

    def add(self, name: str, reads: Any, keys: Plain, shape: Sizes) -> None:
        """Add a layer whose result has the given shape per sample."""
        self.layers[name] = {"inputs": reads, **keys}
        self.values[name] = shape


def linear(d: Draft, name: str) -> None:
    source = d.value(lambda shape: len(shape) > 0)
    if source is None:
        return
    shape = d.values[source]
    twins = [
        other
        for other, keys in d.layers.items()
        if keys["type"] == "Linear"
        and "share" not in keys
        and d.values[keys["inputs"]][-1] == shape[-1]
    ]
    if twins and d.flag():
        other = d.pick(twins)
        own = {key: d.layers[other][key] for key in ("out_features", "bias")}
        keys = {"type": "Linear", **own, "share": other}
    else:
        keys = {"type": "Linear", "out_features": d.pick((1, 2, 3, 4)), "bias": d.flag()}
        keys["trainable"] = d.pick((True, True, True, False))
    d.add(name, source, keys, (*shape[:-1], keys["out_features"]))


def embedding(d: Draft, name: str) -> None:
    if not d.indices:
        return
    source, size = d.pick(d.indices), d.pick((1, 2, 3))
    keys = {"type": "Embedding", "num_embeddings": ROWS, "embedding_dim": size}
    padding = d.pick((None, 0, 2, -1))
    d.add(name, source, {**keys, "padding_idx": padding}, (*d.indices[source], size))


def activation(d: Draft, name: str) -> None:
    source = d.value()
    if source is not None:
        kind = d.pick(ACTIVATIONS)
        d.add(name, source, {"type": kind}, d.values[source])


def gated(d: Draft, name: str) -> None:
    source = d.value(lambda shape: any(size % 2 == 0 for size in shape))
    if source is None:
        return
    shape = d.values[source]
    axis = d.pick([axis for axis, size in enumerate(shape) if size % 2 == 0])
    half = (*shape[:axis], shape[axis] // 2, *shape[axis + 1 :])
    d.add(name, source, {"type": "GLU", "dim": axis + 1}, half)


def transpose(d: Draft, name: str) -> None:
    source = d.value(lambda shape: len(shape) > 1)
    if source is not None:
        first, second, *rest = d.values[source]
        d.add(name, source, {"type": "Transpose", "dim0": 1, "dim1": 2}, (second, first, *rest))


def softmax(d: Draft, name: str) -> None:
    source = d.value(lambda shape: any(size > 1 for size in shape))
    if source is None:
        return
    shape = d.values[source]
    dims = [axis for axis, size in enumerate(shape, start=1) if size > 1]
    dims += [axis - len(shape) - 1 for axis in dims]
    d.add(name, source, {"type": d.pick(("Softmax", "LogSoftmax")), "dim": d.pick(dims)}, shape)


def batch_norm(d: Draft, name: str) -> None:
    source = d.value(lambda shape: len(shape) in (1, 2))
    if source is not None:
        keys = {"momentum": d.pick((0.1, 0.4)), "affine": d.flag(), "track_running_stats": d.flag()}
        d.add(name, source, {"type": "BatchNorm1d", **keys}, d.values[source])


def layer_norm(d: Draft, name: str) -> None:
    source = d.value(lambda shape: len(shape) > 0 and shape[-1] > 1)
    if source is None:
        return
    shape = d.values[source]
    count = d.pick(range(1, len(shape) + 1))
    keys = {
        "normalized_shape": list(shape[-count:]),
        "elementwise_affine": d.flag(),
        "bias": d.flag(),
    }
    d.add(name, source, {"type": "LayerNorm", **keys}, shape)


def dropout(d: Draft, name: str) -> None:
    source = d.value()
    if source is not None:
        p = d.pick((0.5, 0.2)) if d.dropout else 0.0
        d.add(name, source, {"type": "Dropout", "p": p}, d.values[source])


def flatten(d: Draft, name: str) -> None:
    source = d.value(lambda shape: len(shape) > 0)
    if source is None:
        return
    shape = d.values[source]
    first = d.pick(range(1, len(shape) + 1))
    last = d.pick(range(first, len(shape) + 1))
    joined = int(np.prod(shape[first - 1 : last]))
    keys = {"type": "Flatten", "start_dim": first, "end_dim": d.pick((last, last - len(shape) - 1))}
    d.add(name, source, keys, (*shape[: first - 1], joined, *shape[last:]))


def combine(d: Draft, name: str) -> None:
    source = d.value()
    if source is None:
        return
    shape, stretch = d.values[source], d.flag()
    fits = [
        other
        for other, theirs in d.values.items()
        if theirs == shape
        or (
            stretch
            and len(theirs) == len(shape)
            and all(a == b or 1 in (a, b) for a, b in zip(theirs, shape, strict=True))
        )
    ]
    reads = [source, d.pick(fits)]
    if d.flag():
        reads.append(d.pick([other for other in fits if d.values[other] == shape]))
    result = tuple(np.broadcast_shapes(*(d.values[read] for read in reads)))
    if np.prod(result) <= LARGEST:
        d.add(
            name, reads, {"type": d.pick(("Add", "Mul", "Maximum")), "broadcast": stretch}, result
        )


def join(d: Draft, name: str) -> None:
    source = d.value(lambda shape: len(shape) > 0)
    if source is None:
        return
    shape = d.values[source]
    axis = d.pick(range(len(shape)))

    def rest(sizes: Sizes) -> tuple[int, Sizes]:
        return len(sizes), (*sizes[:axis], *sizes[axis + 1 :])

    fits = [other for other, sizes in d.values.items() if rest(sizes) == rest(shape)]
    reads = [source, *(d.pick(fits) for _ in range(d.pick((0, 1, 2))))]
    total = sum(d.values[read][axis] for read in reads)
    result = (*shape[:axis], total, *shape[axis + 1 :])
    if np.prod(result) <= LARGEST:
        d.add(name, reads, {"type": "Cat", "dim": d.pick((axis + 1, axis - len(shape)))}, result)


def slid(size: int, keys: Plain) -> int:
    """Return how many windows fit along an axis."""
    padded = size + 2 * keys["padding"] - keys["kernel_size"]
    if keys.get("ceil_mode"):
        count = -(-padded // keys["stride"]) + 1
        return count - ((count - 1) * keys["stride"] >= size + keys["padding"])
    return padded // keys["stride"] + 1


def windows(d: Draft, sizes: Sizes) -> Plain:
    """Draw windows that fit into all axes."""
    padding = d.pick((0, 0, 1))
    kernel = d.pick([k for k in (1, 2, 3) if k <= min(sizes) + 2 * padding and 2 * padding <= k])
    return {"kernel_size": kernel, "stride": d.pick((1, 1, 2)), "padding": padding}


def convolution(d: Draft, name: str) -> None:
    source = d.value(lambda shape: len(shape) in (2, 3))
    if source is None:
        return
    channels, *sizes = d.values[source]
    keys = {**windows(d, tuple(sizes)), "bias": d.flag(), "out_channels": d.pick((1, 2, 3))}
    if d.flag():
        keys |= {"groups": channels, "out_channels": channels}
    result = (keys["out_channels"], *(slid(size, keys) for size in sizes))
    if np.prod(result) <= LARGEST:
        d.add(name, source, {"type": f"Conv{len(sizes)}d", **keys}, result)


def pooling(d: Draft, name: str) -> None:
    source = d.value(lambda shape: len(shape) in (2, 3))
    if source is None:
        return
    channels, *sizes = d.values[source]
    if d.pick((True, False, False)):
        count = d.pick((1, 2))
        kind = {"type": f"AdaptiveAvgPool{len(sizes)}d", "output_size": count}
        d.add(name, source, kind, (channels, *(count for _ in sizes)))
        return
    keys = {**windows(d, tuple(sizes)), "ceil_mode": d.flag()}
    kind = {"type": f"{d.pick(('MaxPool', 'MaxPool', 'AvgPool'))}{len(sizes)}d", **keys}
    d.add(name, source, kind, (channels, *(slid(size, keys) for size in sizes)))


SELDOM = (embedding, gated, transpose, softmax, batch_norm, layer_norm, dropout, flatten, join)
SPATIAL = (convolution, convolution, pooling, pooling)
MAKERS = (*SELDOM, *SPATIAL, linear, linear, activation, activation, combine, combine)
"""What layers are drawn from; those that matter most stand twice."""

DRAWN = frozenset(
    {
        *("Linear", "Embedding", "Tanh", "Sigmoid", "ReLU", "Identity", "Softmax", "LogSoftmax"),
        *("BatchNorm1d", "LayerNorm", "Dropout", "Flatten", "Add", "Mul", "Cat"),
        *("ELU", "GELU", "LeakyReLU", "PReLU", "SiLU", "Softplus", "GLU", "Transpose", "Maximum"),
        *(
            f"{kind}{rank}d"
            for kind in ("Conv", "MaxPool", "AvgPool", "AdaptiveAvgPool")
            for rank in (1, 2)
        ),
        *("MSELoss", "L1Loss", "BCEWithLogitsLoss", "BCELoss", "CrossEntropyLoss", "NLLLoss"),
    }
)
"""Every type of layer and loss that is drawn."""


def add_loss(d: Draft, term: int) -> tuple[Plain, Plain, str]:
    """Draw a loss on any layer; return it, its target, and what the target holds."""
    source = str(d.pick(d.layers))
    shape, name, target = d.values[source], f"end{term}", f"target{term}"
    keys = {"target": target, "scale": d.pick((1.0, 0.5)), "reduction": d.pick(("mean", "sum"))}
    classes = [axis for axis, size in enumerate(shape, start=1) if size > 1]
    axes = [axis for axis in classes if axis in (1, len(shape))]
    kinds = ["MSELoss", "L1Loss", "BCEWithLogitsLoss", "BCELoss"]
    kind = d.pick(kinds + ["CrossEntropyLoss", "NLLLoss"] * bool(axes))
    if kind in ("CrossEntropyLoss", "NLLLoss"):
        axis = d.pick(axes)
        dim = axis if axis == 1 else -1
        if kind == "NLLLoss":
            d.add(name, source, {"type": "LogSoftmax", "dim": dim}, shape)
            source = name
        rest = [size for at, size in enumerate(shape, start=1) if at != axis]
        given = {"shape": rest, "dtype": "int64", "classes": shape[axis - 1]}
        return {"type": kind, "input": source, "dim": dim, **keys}, given, "class"
    if kind == "BCELoss":
        d.add(name, source, {"type": "Sigmoid"}, shape)
        source = name
    holds = "share" if kind.startswith("BCE") else "number"
    return {"type": kind, "input": source, **keys}, {"shape": list(shape)}, holds


@st.composite
def networks(draw: Any, *, dropout: bool = False, steps: int = 2) -> Network:
    """Draw a network of up to nine layers with up to two losses, in float64."""
    d = Draft(draw, dropout)
    shapes = st.sampled_from([(3,), (4,), (2, 3), (2, 1), (3, 2, 2), ()])
    for i in range(draw(st.integers(1, 2))):
        d.values[f"input{i}"] = draw(shapes)
    inputs: Plain = {name: {"shape": list(shape)} for name, shape in d.values.items()}
    if d.flag():
        d.indices["index"] = draw(st.sampled_from([(), (2,), (2, 2)]))
        inputs["index"] = {"shape": list(d.indices["index"]), "dtype": "int64"}
    for number in range(draw(st.integers(2, 9))):
        d.pick(MAKERS)(d, f"layer{number}")
    if not d.layers:
        activation(d, "layer")
    terms = [add_loss(d, term) for term in range(draw(st.integers(1, 2)))]
    extra = [d.pick(d.layers)] if d.flag() else []
    limits = {
        f"target{i}": target["classes"]
        for i, (_, target, holds) in enumerate(terms)
        if holds == "class"
    }
    plain: Plain = {
        "dtype": "float64",
        "seed": draw(st.integers(0, 3)),
        "inputs": inputs,
        "targets": {f"target{i}": target for i, (_, target, _) in enumerate(terms)},
        "layers": d.layers,
        "outputs": list(dict.fromkeys([*extra, list(d.layers)[-1]])),
        "loss": {f"loss{i}": loss for i, (loss, _, _) in enumerate(terms)},
        "optimizer": d.pick(OPTIMIZERS),
        "training": {"batch_size": COMPILED_BATCH},
    }
    return Network(
        plain=plain,
        limits={**limits, **({"index": ROWS} if d.indices else {})},
        shares=frozenset(f"target{i}" for i, (_, _, holds) in enumerate(terms) if holds == "share"),
        batch_sizes=tuple(draw(st.lists(st.integers(1, 7), min_size=steps, max_size=steps))),
        seed=draw(st.integers(0, 2**16)),
    )
