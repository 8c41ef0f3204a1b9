"""`graphnet list`: what exists, with its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from graphnet.cli.options import NearChoice, Output, output_options
from graphnet.errors import listed

KINDS = (
    "layers",
    "parametrizations",
    "ops",
    "losses",
    "regularizers",
    "optimizers",
    "constraints",
    "schedulers",
    "initializers",
    "metrics",
    "data",
)


class _Kind(NearChoice):
    """A kind; the name of what is of a kind is answered with where it is found."""

    def _refuse(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        found = [kind for kind in KINDS if value in _rows(kind)]
        if found:
            lines = " or ".join(f"graphnet list {kind} {value}" for kind in found)
            self.fail(f"{value!r} is no kind; it is among the {listed(found)}: {lines}", param, ctx)
        super()._refuse(value, param, ctx)


@click.command("list")
@click.argument("kind", type=_Kind(KINDS))
@click.argument("name", required=False)
@output_options
def command(kind: str, name: str | None, output: Output) -> None:
    """List what exists of a KIND, with settings and defaults; with a NAME, all about that one."""
    from graphnet.cli.console import Voice

    voice = Voice(output)
    rows = _rows(kind)
    if name is not None:
        rows = {name: rows[_known(name, rows, kind)]}
        _say_one(voice, name, rows[name])
    else:
        table = voice.table([("name", "left"), ("settings", "left"), ("what it is", "left")])
        for key, row in rows.items():
            table.add_row(key, "\n".join(row["settings"]), row["summary"])
        voice.say(table)
    if kind == "optimizers":
        _say_tuning(voice)
    voice.result({kind: rows})
    voice.next("list", kind, *(["NAME"] if name is None else []))


def _rows(kind: str) -> dict[str, dict[str, Any]]:
    rows = _ops() if kind == "ops" else entries(kind)
    if kind == "data":
        rows |= _generators()
        _add_examples(rows)
    return rows


def entries(kind: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a table by name: what each is, its settings, and what they may be."""
    return {
        key: {
            "summary": entry.summary(),
            "settings": [
                *_ends(entry),
                *(_setting_text(setting) for setting in entry.settings().values()),
            ],
            "about": entry.__doc__ or "",
            "allowed": {
                setting.name: f"{setting.kind.describe()}: {setting.doc}"
                for setting in entry.settings().values()
            },
        }
        for key, entry in _table(kind).items()
    }


def _ends(entry: Any) -> list[str]:
    """Return what a loss reads, where that is not one input and one target."""
    inputs, targets = (getattr(entry, f"{end}_roles", ("",)) for end in ("input", "target"))
    several = [f"input: [{', '.join(inputs)}]"] if len(inputs) > 1 else []
    return several if targets else [*several, "no target"]


def _table(kind: str) -> Mapping[str, Any]:
    from graphnet.initializers import INITIALIZERS
    from graphnet.layers import LAYERS, PARAMETRIZATIONS
    from graphnet.losses import LOSSES, REGULARIZERS
    from graphnet.metrics import METRICS
    from graphnet.optimizers import CONSTRAINTS, OPTIMIZERS
    from graphnet.recipe import AUGMENTATIONS, SAMPLERS, TRANSFORMS, Source, Split
    from graphnet.schedulers import SCHEDULERS

    tables: dict[str, Mapping[str, Any]] = {
        "layers": LAYERS,
        "parametrizations": PARAMETRIZATIONS,
        "losses": LOSSES,
        "regularizers": REGULARIZERS,
        "optimizers": OPTIMIZERS,
        "constraints": CONSTRAINTS,
        "schedulers": SCHEDULERS,
        "initializers": INITIALIZERS,
        "metrics": METRICS,
        "data": {
            "source": Source,
            "split": Split,
            **TRANSFORMS,
            **SAMPLERS,
            **AUGMENTATIONS,
        },
    }
    return tables[kind]


def _ops() -> dict[str, dict[str, Any]]:
    from graphnet.ops import OPS

    return {
        key: {
            "summary": op.formula,
            "settings": list(op.attributes),
            "about": f"{', '.join(op.operands)} -> {', '.join(op.results)}",
            "allowed": {},
        }
        for key, op in OPS.items()
    }


def _generators() -> dict[str, dict[str, Any]]:
    from graphnet.recipe import GENERATORS

    return {
        key: {
            "summary": f"generator: {known.summary}",
            "settings": [
                "samples=200", "noise=0", "seed=0",
                *(f"{name}={default}" for name, default in known.options.items()),
            ],
            "about": f"{known.summary}\n\nWrite it as `generator: {key}` in place of a path.",
            "allowed": {},
        }
        for key, known in GENERATORS.items()
    }  # fmt: skip


def _add_examples(rows: Mapping[str, dict[str, Any]]) -> None:
    """Show how each transform is written."""
    from graphnet.recipe import TRANSFORMS

    for name in TRANSFORMS:
        line = f"transforms: [{{type: {name}, columns: NAME}}]"
        rows[name]["about"] += f"\n\nWrite it in the data section: `{line}`."


def _setting_text(setting: Any) -> str:
    if setting.required:
        return str(setting.name)
    from graphnet.declare import Entry

    default = setting.default
    if isinstance(default, Entry):
        return f"{setting.name}={{...}}"
    words = {None: "null", True: "true", False: "false"}
    if default is None or isinstance(default, bool):
        return f"{setting.name}={words[default]}"
    shown = list(default) if isinstance(default, tuple) else default
    return f"{setting.name}={shown:.4g}" if isinstance(shown, float) else f"{setting.name}={shown}"


def _say_tuning(voice: Any) -> None:
    """Name the keys that every optimizer takes beside its own."""
    from graphnet.optimizers import Tuning

    voice.say("\nany of them takes, beside its own settings")
    for setting in Tuning.settings().values():
        voice.say(f"  {_setting_text(setting)}\n      {setting.doc}")


def _known(name: str, rows: Mapping[str, Any], kind: str) -> str:
    if name in rows:
        return name
    from graphnet.declare import MANY
    from graphnet.errors import UsageError, nearest
    from graphnet.spec.typed import offer

    elsewhere = next((other for other in KINDS if name in _rows(other)), "")
    cure = nearest(name, rows) if kind in ("ops", "data") else offer(name, rows)
    many = f"there are {len(rows)} {kind}; graphnet list {kind} shows them"
    raise UsageError(
        "GN705",
        f"there is no {name!r} among the {kind}",
        help=f"write graphnet list {elsewhere} {name}" if elsewhere else cure,
        notes=[many if len(rows) > MANY else f"{kind}: {listed(rows)}"],
    )


def _say_one(voice: Any, name: str, row: Mapping[str, Any]) -> None:
    import inspect

    voice.say(f"{name}: {inspect.cleandoc(row['about'])}")
    if row["allowed"]:
        voice.say("\nsettings")
    # What a loss reads stands before its settings, and is all that there is to say of it.
    ends = len(row["settings"]) - len(row["allowed"])
    allowed = ["", *(f"\n      {told}" for told in row["allowed"].values())]
    for number, text in enumerate(row["settings"] if row["allowed"] else ()):
        voice.say(f"  {text}{allowed[max(0, number - ends + 1)]}")
