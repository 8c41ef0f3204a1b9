"""Schema: the spec language as JSON Schema, generated from the tables, for editors.

It is draft 7, which YAML language servers read, and it allows at least what validation allows:
what depends on other values (references, shapes, which sections need each other) is left to
validation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphnet.declare import Entry, Nested, Table
from graphnet.initializers import INITIALIZERS
from graphnet.ir import FLOATS
from graphnet.layers import LAYERS, PARAMETRIZATIONS
from graphnet.losses import LOSSES, REGULARIZERS
from graphnet.optimizers import CONSTRAINTS, OPTIMIZERS, Tuning
from graphnet.recipe import Data, Training
from graphnet.schedulers import SCHEDULERS
from graphnet.spec.resolved import VERSIONS
from graphnet.spec.validate_optimizer import DEFAULT_OPTIMIZER
from graphnet.spec.validate_tensors import InputFields, TargetFields

Schema = dict[str, Any]

_ANY_REFERENCE: Schema = {"$ref": "#/definitions/variable"}
_NAMES: Schema = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]
}
_SINGLE: Schema = {"type": ["string", "number", "boolean", "null"]}
_HOLDABLE: Schema = {"anyOf": [_SINGLE, {"type": "array", "items": _SINGLE}]}


def json_schema() -> Schema:
    """Return the JSON Schema (draft 7) of specs.

    Example:
        >>> schema = json_schema()
        >>> schema["required"], "Linear" in str(schema["definitions"]["layer"])
        (['graphnet', 'inputs', 'layers'], True)
    """
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "graphnet spec",
        "description": "A neural network, its data and its training.",
        "type": "object",
        "properties": _sections(),
        "required": ["graphnet", "inputs", "layers"],
        "additionalProperties": False,
        "definitions": _definitions(),
    }


def _sections() -> Schema:
    tensors = {"inputs": InputFields, "targets": TargetFields}
    return {
        "graphnet": _described({"enum": list(VERSIONS)}, "version of the language"),
        "expanded": _section({"type": "boolean"}, "whether blocks are expanded already"),
        "name": _section({"type": "string"}, "name of the network; the file's stem"),
        "description": _section({"type": "string"}, "what the network is"),
        "dtype": _section({"enum": list(FLOATS)}, "floating point type; float32"),
        "seed": _section({"type": "integer", "minimum": 0}, "seed of all random numbers; 0"),
        "variables": _section(_named(_HOLDABLE), "values that ${name} stands for"),
        "blocks": _section(_named(_block()), "groups of layers to be used several times"),
        **{
            section: _section(_named(_entry(fields)), f"the {section}, shapes per sample")
            for section, fields in tensors.items()
        },
        "layers": _section(_named({"$ref": "#/definitions/layer"}), "the layers, in order"),
        "outputs": _section(_NAMES, "what the network gives; the last layer"),
        "loss": _section(_loss(), "what training makes small"),
        "metrics": _section(_metrics(), "what else is measured"),
        "regularizers": _section(_list_of(REGULARIZERS), "what is kept small beside the loss"),
        "constraints": _section(_list_of(CONSTRAINTS), "what parameters are brought back to"),
        "optimizer": _section(_optimizer(), "how it learns"),
        "scheduler": _section(_scheduler(), "how the learning rate changes"),
        "data": _section(_entry(Data), "where samples come from"),
        "training": _section(_entry(Training), "how a run goes through the data"),
    }


def _definitions() -> Schema:
    return {
        "variable": {
            "description": 'a variable, "${name}"',
            "type": "string",
            "pattern": "\\$\\{[^{}]*\\}",
        },
        "layer": _layer(),
    }


def _described(schema: Schema, text: str) -> Schema:
    return {**schema, "description": text}


def _section(schema: Schema, text: str) -> Schema:
    """Return a section's schema; one without a value counts as left out."""
    return {"description": text, "anyOf": [_open(schema), {"type": "null"}]}


def _named(schema: Schema) -> Schema:
    return {"type": "object", "additionalProperties": schema}


def _open(schema: Schema) -> Schema:
    """Return a schema that also allows a variable, for the value and for all values inside it."""
    opened = dict(schema)
    if "properties" in opened:
        opened["properties"] = {key: _open(item) for key, item in opened["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(opened.get(key), Mapping):
            opened[key] = _open(opened[key])
    if "anyOf" in opened:
        opened["anyOf"] = [_open(option) for option in opened["anyOf"]]
        return opened
    if "$ref" in opened or "const" in opened or opened.get("type") in ("object", "string"):
        return opened
    text = {"description": opened.pop("description")} if "description" in opened else {}
    return {**text, "anyOf": [opened, _ANY_REFERENCE]}


def _entry(entry: type[Entry], common: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of a mapping with an entry's settings and some common keys."""
    schema = Nested(entry).schema()
    schema["properties"] = {**(common or {}), **schema["properties"]}
    return schema


def _typed(
    table: Table[Any], common: Mapping[str, Schema] | None = None, default: str | None = None
) -> Schema:
    """Return the schema of a type's name, or a mapping with `type` and its settings."""
    return {"anyOf": [_types(table.values()), *_variants(table, common or {}, default)]}


def _types(rows: Iterable[type[Entry]]) -> Schema:
    return {"enum": [row.name() for row in rows]}


def _variants(table: Table[Any], common: Mapping[str, Schema], default: str | None) -> list[Schema]:
    variants: list[Schema] = []
    for row in table.values():
        kind = {"const": row.name(), "description": row.summary()}
        schema = _entry(row, {"type": kind, **common})
        required = [] if row.name() == default else ["type"]
        schema["required"] = [*required, *schema.get("required", [])]
        variants.append(_described(schema, row.summary()))
    return variants


def _layer() -> Schema:
    init = {"anyOf": [_named(_typed(INITIALIZERS)), {"type": "null"}]}
    worked_out = {"anyOf": [_named(_typed(PARAMETRIZATIONS)), {"type": "null"}]}
    common = {
        "inputs": _described(_NAMES, "what it reads; the layer above"),
        "init": _described(init, "initializers by parameter name"),
        "parametrization": _described(worked_out, "how parameters are worked out from others"),
        "trainable": {"type": "boolean", "description": "false freezes its parameters"},
        "share": {"type": ["string", "null"], "description": "layer whose parameters it uses"},
    }
    use = {
        "type": "object",
        "description": "a block",
        "properties": {
            "block": {"type": "string", "description": "name of the block"},
            "inputs": _NAMES,
            "repeat": {"type": ["integer", "null"], "minimum": 1, "description": "times in a row"},
        },
        "required": ["block"],
        "additionalProperties": _HOLDABLE,
    }
    layer = _typed(LAYERS, common)
    return _open({"anyOf": [*layer["anyOf"], use, _ANY_REFERENCE]})


def _block() -> Schema:
    return {
        "type": "object",
        "properties": {
            "parameters": {"anyOf": [_named(_HOLDABLE), {"type": "null"}]},
            "inputs": _NAMES,
            "layers": _named({"$ref": "#/definitions/layer"}),
            "outputs": _NAMES,
        },
        "required": ["layers"],
        "additionalProperties": False,
    }


def _loss() -> Schema:
    common: dict[str, Schema] = {
        "input": _described(_NAMES, "the output it judges, or several; the first"),
        "target": _described(_NAMES, "what is wanted, one or several; the only target"),
        "sample_weight": {
            "type": ["string", "null"],
            "description": "target or input that says how much each sample counts",
        },
        "scale": {"type": "number", "description": "factor in the sum of all losses; 1"},
    }
    one = _typed(LOSSES, common)
    return {"anyOf": [*one["anyOf"], _named(one)]}


def _list_of(table: Table[Any]) -> Schema:
    return {"type": "array", "items": _typed(table)}


def _metrics() -> Schema:
    from graphnet.metrics import METRICS  # noqa: PLC0415 - NumPy is loaded only where needed

    one = _typed(METRICS)
    return {"anyOf": [*one["anyOf"], {"type": "array", "items": one}]}


def _optimizer() -> Schema:
    common = {
        name: _described(declared.kind.schema(), declared.doc)
        for name, declared in Tuning.settings().items()
    }
    return _typed(OPTIMIZERS, common, default=DEFAULT_OPTIMIZER)


def _scheduler() -> Schema:
    """Return the schema of a scheduler, of a list of them, and of one for each setting."""
    one = _typed(SCHEDULERS)
    milestones = {
        "type": "object",
        "properties": {
            "milestones": {"type": "array", "items": {"type": "integer"}},
            "interval": {"enum": ["epoch", "step"]},
        },
        "required": ["milestones"],
    }
    listed = {"type": "array", "items": {"anyOf": [*one["anyOf"], milestones]}}
    untyped = [_entry(SCHEDULERS[name]) for name in ("SequentialLR", "BySetting")]
    return {"anyOf": [*one["anyOf"], listed, *untyped]}
