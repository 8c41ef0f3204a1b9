"""Networks for tests: specs from plain mappings, compiled programs, executables with known weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import graphnet.spec
import numpy as np
from graphnet.ir import Batch, TensorType
from graphnet.layers import LAYERS
from graphnet.losses import LOSSES
from graphnet.optimizers import OPTIMIZERS
from graphnet.recipe import Training
from graphnet.spec import LayerSpec, LossSpec, Spec, TensorSpec
from numpy.typing import NDArray

if not hasattr(graphnet.spec, "load_spec"):
    graphnet.spec.load_spec = None  # type: ignore[attr-defined]
from graphnet.backend import NumpyExecutable
from graphnet.compiler import compile_spec
from graphnet.passes import PIPELINE, Pass
from graphnet.program import Program, program_bytes, read_program

Array = NDArray[Any]
Plain = dict[str, Any]


def spec_of(plain: Plain) -> Spec:
    dtype = plain.get("dtype", "float32")
    tensors = {
        part: tuple(
            TensorSpec(
                name,
                TensorType((Batch(), *t["shape"]), t.get("dtype", dtype)),
                t.get("classes"),
                None,
            )
            for name, t in plain[part].items()
        )
        for part in ("inputs", "targets")
    }
    layers = []
    above = next(iter(plain["inputs"]))
    for name, given in plain["layers"].items():
        keys = {"type": given} if isinstance(given, str) else dict(given)
        kind, reads = keys.pop("type"), keys.pop("inputs", above)
        trainable, share = keys.pop("trainable", True), keys.pop("share", None)
        reads = (reads,) if isinstance(reads, str) else tuple(reads)
        layer = LAYERS[kind].from_plain(keys)
        layers.append(LayerSpec(name, layer, reads, {}, trainable, share, None, {}))
        above = name
    outputs = tuple(plain.get("outputs", (above,)))
    losses = []
    given = plain.get("loss", {})
    if isinstance(given, str):
        given = {"loss": {"type": given}}
    elif "type" in given:
        given = {"loss": given}
    for name, keys in given.items():
        keys = dict(keys)
        kind, scale = keys.pop("type"), keys.pop("scale", 1.0)
        source, target = (
            keys.pop("input", outputs[0]),
            keys.pop("target", next(iter(plain["targets"]), "")),
        )
        losses.append(
            LossSpec(name, LOSSES[kind].from_plain(keys), source, target, scale, None, {})
        )
    optimizer = None
    if "optimizer" in plain:
        keys = dict(plain["optimizer"])
        optimizer = OPTIMIZERS[keys.pop("type")].from_plain(keys)
    return Spec(
        name=plain.get("name", "test"),
        description="",
        dtype=dtype,
        seed=plain.get("seed", 0),
        inputs=tensors["inputs"],
        targets=tensors["targets"],
        layers=tuple(layers),
        outputs=outputs,
        losses=tuple(losses),
        metrics=(),
        optimizer=optimizer,
        scheduler=None,
        data=None,
        training=Training.from_plain(plain.get("training", {})),
        plain=plain,
        positions={},
    )


def compiled(plain: Plain, passes: Sequence[Pass] = PIPELINE, **options: Any) -> Program:
    """Compile a spec given as a mapping, and read the program back from its file's bytes."""
    program = compile_spec(spec_of(plain), passes=passes, **options)
    return read_program(program_bytes(program), "the program")


def document_of(program: Program) -> Plain:
    """Return the content of a program's file, as anything that is not graphnet would read it."""
    document: Plain = json.loads(program_bytes(program))
    return document
