"""`graphnet diff`: what two specs or runs say differently, and what follows from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import Output, output_options

if TYPE_CHECKING:
    from graphnet.cli.console import Voice
    from graphnet.graph import Network
    from graphnet.program import Program

MISSING = "-"


@dataclass(frozen=True)
class _Side:
    """One of the two: its program, its layers, and what its run came to."""

    program: Program
    network: Network
    summary: Mapping[str, Any]


@click.command("diff")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@output_options
def command(a: str, b: str, output: Output) -> None:
    """Compare A with B: specs, compiled programs or runs.

    Shows the settings that differ once all defaults are written out, and what follows: outputs of layers,
    parameters, operations, bytes, and which weights of A still load into B.
    """
    from graphnet.cli.console import Voice

    voice = Voice(output)
    one, other = _open(a), _open(b)
    settings = setting_rows(one.program.spec, other.program.spec)
    totals, layers = total_rows(one, other), layer_rows(one.network, other.network)
    weights = weight_rows(one.program, other.program)
    voice.result({"settings": settings, "totals": totals, "layers": layers, "weights": weights})
    _say(voice, "settings", settings, "setting")
    _say(voice, "what follows", totals, "")
    _say(voice, "outputs of layers", layers, "layer")
    _say_weights(voice, weights)
    if not settings:
        voice.say("no setting differs")
    voice.next(*_next(a, b, bool(weights["load"])))


def _next(a: str, b: str, fits: bool) -> tuple[object, ...]:
    """Return what to do with B: look at it if it is a run; else train it, from A's weights where it can."""
    if Path(b).is_dir():
        return "report", b, "-o", "report.html"
    return ("train", b, "--weights", a) if fits and Path(a).is_dir() else ("train", b)


def _open(path: str) -> _Side:
    from graphnet.cli.sources import open_network, open_source

    place = Path(path)
    summary: Mapping[str, Any] = {}
    if place.is_dir():
        path = str(place / "program.json")
        summary = _summary(place / "summary.json")
    return _Side(open_source(path, {}).program, open_network(path, {}), summary)


def _summary(path: Path) -> Mapping[str, Any]:
    """Return a run's summary, or nothing where it has none."""
    from graphnet.errors import GraphNetError
    from graphnet.program import read_bounded

    try:
        found = json.loads(read_bounded(path, 1 << 26))
    except (GraphNetError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


Row = dict[str, Any]


def setting_rows(a: Mapping[str, Any], b: Mapping[str, Any], path: str = "") -> list[Row]:
    """Return every setting that differs: `name`, `a` and `b`, None where there is none.

    What one of the two has not, and what is of another type there, is one row as a whole. Entries of a
    list, as of `metrics`, are found by their types.
    """
    rows: list[Row] = []
    for key in dict.fromkeys([*a, *b]):
        name = f"{path}.{key}" if path else str(key)
        one, other = a.get(key), b.get(key)
        inner = _inner(one, other, name)
        if inner:
            rows += inner
        elif (key in a, one) != (key in b, other):
            rows.append({"name": name, "a": one, "b": other})
    return rows


def _inner(one: Any, other: Any, name: str) -> list[Row]:
    """Return how two values differ inside, if they can be compared piece by piece."""
    if isinstance(one, list) and isinstance(other, list):
        one, other = _by_type(one), _by_type(other)
    return setting_rows(one, other, name) if _alike(one, other) else []


def _by_type(entries: list[Any]) -> dict[str, Any] | None:
    """Return entries by their types, or None where these do not tell them apart."""
    types = [entry.get("type") if isinstance(entry, Mapping) else None for entry in entries]
    distinct = None not in types and len(set(types)) == len(types)
    return dict(zip(map(str, types), entries, strict=True)) if distinct else None


def _alike(one: Any, other: Any) -> bool:
    """Whether two values are mappings that are compared setting by setting."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return False
    return bool(one.get("type") == other.get("type"))


def _rows(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Row]:
    return [
        {"name": name, "a": a.get(name), "b": b.get(name)}
        for name in dict.fromkeys([*a, *b])
        if (name in a, a.get(name)) != (name in b, b.get(name))
    ]


def total_rows(a: _Side, b: _Side) -> list[Row]:
    """Return what differs as a whole: counts, bytes, and what runs came to."""
    return _rows(_totals(a), _totals(b))


def _totals(side: _Side) -> dict[str, Any]:
    from graphnet.program import total_flops

    program = side.program
    judged = program.routines.get("evaluate") or program.routines["predict"]
    found: dict[str, Any] = {
        "layers": len(side.network.order),
        "parameters": program.parameter_count,
        "FLOPs/sample, forward": total_flops(judged.listing.forward, judged.listing, 1),
        "instructions of a step": sum(
            len(items) for items in (program.forward, program.backward, program.update)
        ),
        "batch": program.batch_size,
        **{f"bytes, {name}": count for name, count in program.memory_by_category().items()},
        "bytes in all": program.memory_bytes,
    }
    if side.summary:
        found |= {f"run, {key}": side.summary.get(key) for key in ("status", "epochs", "updates")}
        for part, loss in (side.summary.get("loss") or {}).items():
            found[f"run, {part} loss" if part != "last_batch" else "run, last batch"] = loss
        for part, metrics in (side.summary.get("metrics") or {}).items():
            single = {name: one for name, one in metrics.items() if not isinstance(one, list)}
            found |= {f"run, {part} {name}": one for name, one in single.items()}
    return found


def layer_rows(a: Network, b: Network) -> list[Row]:
    """Return the layers whose type or output differs."""
    return _rows(_outputs(a), _outputs(b))


def _outputs(network: Network) -> dict[str, str]:
    from graphnet.ir import shape_text

    return {
        name: f"{network.layer(name).layer.name()} {shape_text(network.type_of(name).shape)}"
        for name in network.order
    }


def weight_rows(a: Program, b: Program) -> dict[str, list[str]]:
    """Return the names of A's weights that load into B, and of those that do not."""
    shapes = [{row.name: row.type.shape for row in program.parameters} for program in (a, b)]
    ours, theirs = shapes
    return {
        "load": [name for name, shape in theirs.items() if ours.get(name) == shape],
        "other_shape": [
            name for name, shape in theirs.items() if name in ours and ours[name] != shape
        ],
        "only_a": [name for name in ours if name not in theirs],
        "only_b": [name for name in theirs if name not in ours],
    }


def _say(voice: Voice, title: str, rows: list[Row], heading: str) -> None:
    if not rows:
        return
    table = voice.table([(heading, "left"), ("A", "right"), ("B", "right")], title)
    for row in rows:
        table.add_row(row["name"], *_texts(row["a"], row["b"]))
    voice.say(table)


def _texts(a: Any, b: Any) -> tuple[str, str]:
    """Return two values in words; fractions with six digits where these tell them apart."""
    if isinstance(a, float) and isinstance(b, float):
        short = f"{a:.6g}", f"{b:.6g}"
        return short if short[0] != short[1] else (repr(a), repr(b))
    return _text(a), _text(b)


def _text(value: Any) -> str:
    if value is None:
        return MISSING
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, Mapping) and isinstance(value.get("type"), str):
        return _called(value)
    return value if isinstance(value, str) else json.dumps(value)


def _called(value: Mapping[str, Any]) -> str:
    """Return an entry of a table as a call with the settings that are not its defaults."""
    from graphnet.layers import LAYERS
    from graphnet.losses import LOSSES
    from graphnet.metrics import METRICS
    from graphnet.optimizers import OPTIMIZERS

    kind = value["type"]
    tables: tuple[Mapping[str, Any], ...] = (LAYERS, LOSSES, OPTIMIZERS, METRICS)
    known: Mapping[str, Any] = next(
        (table[kind].settings() for table in tables if kind in table), {}
    )
    plain: dict[str, Any] = {"init": {}, "trainable": True, "groups": [], "accumulate": 1}
    plain |= {name: setting.default for name, setting in known.items() if not setting.required}
    given = {key: item for key, item in value.items() if key not in ("type", "inputs")}
    told = [
        f"{key}={json.dumps(item)}"
        for key, item in given.items()
        if item not in (None, [], {}) and _listed(plain.get(key)) != item
    ]
    return f"{kind}({', '.join(told)})" if told else str(kind)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _say_weights(voice: Voice, weights: Mapping[str, list[str]]) -> None:
    from graphnet.errors import listed

    total = len(weights["load"]) + len(weights["other_shape"]) + len(weights["only_b"])
    voice.say(f"{len(weights['load'])} of the {total} arrays of B load from A")
    words = {"other_shape": "of another shape", "only_a": "only in A", "only_b": "only in B"}
    for key, text in words.items():
        if weights[key]:
            voice.say(f"{text}: {listed(weights[key], 20)}")
