from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest

from graphnet.layers import LAYERS
from graphnet.losses import LOSSES
from graphnet.optimizers import OPTIMIZERS
from graphnet.schedulers import SCHEDULERS
from graphnet.spec import json_schema, load_spec, plain_of, read_text
from graphnet.spec.resolved import SECTIONS

SCHEMA = json_schema()

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_UNDERSTOOD = {
    "$schema", "title", "description", "definitions", "$ref", "anyOf", "enum", "const", "type",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern", "items", "minItems",
    "maxItems", "properties", "required", "additionalProperties",
}  # fmt: skip


def is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind in {"integer", "number"}:
        return False
    return isinstance(value, _TYPES[kind])


def allows(schema: Any, value: Any) -> bool:
    """Judge a value by the part of draft 7 that the schema uses."""
    if isinstance(schema, bool):
        return schema
    assert set(schema) <= _UNDERSTOOD
    if "$ref" in schema:
        return allows(SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]], value)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    checks = [
        not kinds or any(is_of(value, kind) for kind in kinds),
        "enum" not in schema or value in schema["enum"],
        "const" not in schema or value == schema["const"],
        "anyOf" not in schema or any(allows(option, value) for option in schema["anyOf"]),
    ]
    if isinstance(value, dict):
        checks.append(allows_mapping(schema, value))
    if isinstance(value, list):
        checks.append(all(allows(schema.get("items", True), item) for item in value))
        checks.append(schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9))
    if isinstance(value, str) and "pattern" in schema:
        checks.append(re.search(schema["pattern"], value) is not None)
    if is_of(value, "number"):
        checks.append(schema.get("minimum", value) <= value <= schema.get("maximum", value))
        checks.append(schema.get("exclusiveMinimum", -math.inf) < value)
        checks.append(value < schema.get("exclusiveMaximum", math.inf))
    return all(checks)


def allows_mapping(schema: dict[str, Any], value: dict[str, Any]) -> bool:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    return all(key in value for key in schema.get("required", [])) and all(
        allows(known.get(key, others), item) for key, item in value.items()
    )


GOOD = """\
graphnet: 1
name: mlp
description: ${kind} of ${width}
dtype: float64
seed: 3
variables: {width: 8, kind: net, sizes: [2, 3], rate: 0.5, yes: true, nothing: }
blocks:
  dense:
    parameters: {n: , rate: 0.0}
    inputs: [i]
    layers:
      linear: {type: Linear, inputs: i, out_features: "${n}", bias: "${yes}"}
      drop: {type: Dropout, p: "${rate}"}
    outputs: [drop]
inputs: {x: {shape: "${sizes}", dtype: float64}, i: {shape: ["${width}"], dtype: int64}}
targets: {t: {shape: [1]}, c: {shape: [], dtype: int64, classes: 4}}
layers:
  linear1: {type: Linear, inputs: x, out_features: "${width}", init: {weight: {type: normal,
    std: 0.1}, bias: zeros}, trainable: false}
  tanh1: Tanh
  many: {block: dense, n: 3, repeat: 2, rate: "${rate}"}
  norm: {type: LayerNorm, normalized_shape: [3]}
  norm2: {type: LayerNorm, normalized_shape: 3, share: norm, inputs: [many.0.drop]}
  sum: {type: Add, inputs: [norm, norm2]}
  last: {type: Linear, out_features: 1}
outputs: [last, sum]
loss:
  main: {type: BCEWithLogitsLoss, target: t}
  other: {type: CrossEntropyLoss, input: sum, target: c, scale: 0.5, dim: -1}
  third: {type: MSELoss, target: t}
metrics: [accuracy, {type: f1, average: macro}]
optimizer: {lr: 1e-3}
scheduler: {type: MultiStepLR, milestones: [1, 2], interval: step}
data:
  train: {path: a.csv, inputs: {x: [a, b], i: c}, targets: {t: d}}
  validation: {fraction: 0.5, stratify: c}
  test: {generator: bars, size: 4, inputs: {x: [label, label], i: label}, targets: {t: label, c: label}}
  transforms: [min_max, {type: impute, strategy: median, columns: "a*"}]
  sampler: balanced
training: {epochs: 2, early_stopping: {metric: f1}, stop: , checkpoint: {keep: 1}}
"""
SMALL = "graphnet: 1\ninputs: {x: {shape: [2]}}\nlayers: {a: Tanh}\n"


def test_it_is_json_of_draft_7() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_every_section_and_every_row_is_described() -> None:
    assert set(SCHEMA["properties"]) == set(SECTIONS)
    assert all(section["description"] for section in SCHEMA["properties"].values())
    text = json.dumps(SCHEMA)
    for table in (LAYERS, LOSSES, OPTIMIZERS, SCHEDULERS):
        for row in table.values():
            assert f'"const": "{row.name()}"' in text
            assert all(json.dumps(s.doc)[1:-1] in text for s in row.settings().values())


@pytest.mark.parametrize("text", [GOOD, SMALL, SMALL + "loss:\ndata:\nname:\noutputs: a\n"])
def test_what_validation_allows_is_allowed(text: str) -> None:
    assert allows(SCHEMA, plain_of(read_text(text, "f")))
    assert allows(SCHEMA, load_spec(text).plain)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("graphnet: 1", "graphnet: 2"),
        ("graphnet: 1", "version: 1"),
        ("name: mlp", "nam: mlp"),
        ("seed: 3", "seed: -1"),
        ("dtype: float64", "dtype: float16"),
        ("tanh1: Tanh", "tanh1: Tahn"),
        ("tanh1: Tanh", "tanh1: {type: Tanh, x: 1}"),
        ("tanh1: Tanh", "tanh1: 5"),
        ("out_features: 1}", "out_features: wide}"),
        ("out_features: 1}", "out_features: 0}"),
        ("{type: Linear, out_features: 1}", "{type: Linear}"),
        ("bias: zeros", "bias: zeroes"),
        ("trainable: false", "trainable: 0"),
        ("repeat: 2", "repeat: 0"),
        ("shape: [1]", "shape: [0]"),
        ("lr: 1e-3", "lr: -1"),
        ("scale: 0.5", "scale: big"),
        ("fraction: 0.5", "fraction: 2"),
        ("generator: bars", "generator: barz"),
        ("epochs: 2", "epochs: 2.5"),
        ("keep: 1", "kept: 1"),
        ("metrics: [accuracy,", "metrics: [acuracy,"),
    ],
)
def test_what_is_plainly_wrong_is_refused(old: str, new: str) -> None:
    assert old in GOOD
    assert not allows(SCHEMA, plain_of(read_text(GOOD.replace(old, new), "f")))
