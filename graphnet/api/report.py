"""The report of a run: one page with everything that was declared, compiled, recorded and decided."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.api.run_plots import best_epoch, plot_saved
from graphnet.api.run_view import RunView
from graphnet.compiler import readable
from graphnet.data import Samples
from graphnet.errors import GraphNetError, ResourceError
from graphnet.graph import Network, build_network
from graphnet.ir import shape_text
from graphnet.program import layer_flops, read_bounded, write_atomically
from graphnet.spec import load_spec, to_yaml
from graphnet.viz import LEVELS, fold_if_large, picture_of, to_bytes
from graphnet.viz.model import Drawing
from graphnet.viz.page import (
    Section,
    code,
    folded,
    image,
    page,
    pairs_list,
    paragraph,
    table,
    tiles,
    viewer,
)

_MOST_INSTRUCTIONS = 400
"""Instructions up to which the levels that show each of them are in the page."""
_SUMMARY_BYTES = 1 << 24

_PLOTS = {
    "loss": "Loss by epoch",
    "metrics": "Metrics by epoch",
    "learning-rate": "Learning rate of every update",
    "gradient-norms": "Gradient norm of every layer",
    "weight-norms": "Weight norm of every layer",
    "decision": "Decision regions",
    "confusion": "Confusion matrix",
    "ranking": "ROC and precision-recall curves",
    "predicted": "Predicted against true values",
    "mistakes": "The worst mistakes",
}
_RECORDED = ("loss", "metrics", "learning-rate", "gradient-norms", "weight-norms")
_ABOUT = {
    "layers": "The declared layers, from the inputs to the loss.",
    "ops": "Every instruction: forward down on the left, backward up on the right, the update beside them.",
    "program": "The lists in the order of execution, a lane for each buffer.",
    "memory": "The arena over time: where every buffer lies, and when.",
}


def write_report(run: Path, path: Path) -> list[str]:
    """Write the report of a run as one page that needs nothing else.

    Args:
        run: A run's directory, or a checkpoint in it.
        path: The page.

    Returns:
        What the user should know, a sentence each.

    Raises:
        ResourceError: When there is no run, or the page cannot be written.
        ArtifactError: When the run is damaged.
    """
    view = RunView.of_path(run)
    notes: list[str] = []
    network = build_network(load_spec(dict(view.program.spec)))
    plots: dict[str, bytes] = {}
    try:
        plots, notes = _plots(run)
    except ResourceError as error:
        if error.code != "GN520":
            raise
        notes.append(f"plots are left out: {error.message}; {error.help}")
    drawings, more = _drawings(view, network)
    sections = [
        _what(view, network),
        Section("Network", drawings.get("layers", "") + _layers(view, network)),
        _cost(view, drawings),
        _training(view, plots),
        _decisions(view, plots),
        *_instructions(drawings),
        _reproduce(view, run),
    ]
    title = f"{view.program.name}: training report"
    content = page(title, _lead(view), [part for part in sections if part.body])
    write_atomically(path, content.encode("utf-8"))
    return [*notes, *more]


def _summary(view: RunView) -> dict[str, Any]:
    path = view.folder / "summary.json"
    if not path.is_file():
        return {}
    found = json.loads(read_bounded(path, _SUMMARY_BYTES))
    return found if isinstance(found, dict) else {}


def _plots(run: Path) -> tuple[dict[str, bytes], list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        drawn, notes = plot_saved(run, Path(folder))
        return {path.stem: path.read_bytes() for path in drawn}, notes


def _drawings(view: RunView, network: Network) -> tuple[dict[str, str], list[str]]:
    """Return the pictures of the levels that are not too large, ready to be looked at."""
    found: dict[str, str] = {}
    notes: list[str] = []
    small = len(view.program.main.listing.instructions) <= _MOST_INSTRUCTIONS
    for level in LEVELS:
        if level in ("ops", "program") and not small:
            continue
        picture = picture_of(level, network, lambda: view.program)
        if isinstance(picture, Drawing):
            picture, _ = fold_if_large(picture, None)
        try:
            svg = to_bytes(picture, "svg").decode("utf-8")
        except GraphNetError as error:
            notes.append(f"the drawing of the {level} is left out: {error.message}; {error.help}")
        else:
            name = f"{level} of {view.program.name}"
            found[level] = paragraph(_ABOUT[level], "grey") + viewer(svg, name)
    return found, notes


def _lead(view: RunView) -> str:
    """Return what stands below the heading: the description, and the figures that matter most."""
    summary = _summary(view)
    losses, metrics = summary.get("loss") or {}, summary.get("metrics") or {}
    part = next((name for name in ("test", "validation", "train") if name in metrics), "train")
    figures = [("status", str(summary.get("status", "unknown")))]
    figures += [("epochs", f"{summary.get('epochs', len(view.records)):,}")]
    if isinstance(losses.get(part), (int, float)):
        figures.append((f"{part} loss", f"{losses[part]:.4g}"))
    for name, value in (metrics.get(part) or {}).items():
        if isinstance(value, (int, float)):
            figures.append((f"{part} {name}", f"{value:.4g}"))
    figures += [
        ("parameters", f"{view.program.parameter_count:,}"),
        ("memory", readable(view.program.memory_bytes)),
    ]
    if isinstance(summary.get("seconds"), (int, float)):
        figures.append(("training time", f"{summary['seconds']:.3g} s"))
    description = str(view.program.spec.get("description") or "")
    return (paragraph(description) if description else "") + tiles(figures)


def _what(view: RunView, network: Network) -> Section:
    """Say what was trained on what: the declaration, the sets, their digests and class counts."""
    spec = network.spec
    pairs = [
        ("inputs", ", ".join(f"{port.name} {port.type}" for port in view.program.inputs)),
        ("targets", ", ".join(f"{port.name} {port.type}" for port in view.program.targets)),
        ("loss", ", ".join(f"{loss.name}: {loss.loss.name()}" for loss in spec.losses)),
        ("optimizer", spec.optimizer.name() if spec.optimizer else "none"),
        ("batch size", f"{view.program.batch_size:,}"),
        ("seed", str(view.program.seed)),
    ]
    body = pairs_list([pair for pair in pairs if pair[1]])
    if view.parts is None:
        why = view.missing.message if view.missing else ""
        body += paragraph(f"The data could not be read when this report was made: {why}.")
    else:
        columns = [("set", ""), ("samples", "number"), ("classes", "long"), ("sha256", "long")]
        rows = [
            (name, f"{part.count:,}", _class_counts(view, part), part.sha256())
            for name, part in view.parts.present().items()
        ]
        body += table("sets of samples", columns, rows)
    return Section("What was trained", body)


def _class_counts(view: RunView, part: Samples) -> str:
    """Return how many samples of each class there are; empty where the target is no class."""
    judgement = view.program.judgement
    name = judgement.target if judgement is not None and judgement.kind != "none" else None
    if name is None or name not in part.targets:
        return ""
    values, counts = np.unique(np.asarray(part.targets[name]), return_counts=True)
    known = dict(enumerate(part.classes.get(name, ())))
    shown = [
        f"{known.get(value, f'{value:g}')}: {count:,}"
        for value, count in zip(values.tolist(), counts, strict=True)
    ]
    return ", ".join(shown if len(shown) <= 12 else [*shown[:11], f"{len(shown) - 11} more"])


def _layers(view: RunView, network: Network) -> str:
    """Return the table of layers with its totals."""
    flops = layer_flops(view.program)
    owned = {row.name: row for row in view.program.parameters}
    rows = []
    for name in network.order:
        layer = network.layer(name)
        own = [owned.get(f"{name}.{key}") for key in network.parameters.get(name, {})]
        count = sum(row.size for row in own if row is not None and row.trained)
        kind = network.type_of(name)
        remark = (
            " (frozen)" if not layer.trainable else f" (as {layer.share})" if layer.share else ""
        )
        rows.append(
            (name, layer.layer.name() + remark, shape_text(kind.shape), count, flops.get(name, 0))
        )
    columns = [("layer", ""), ("type", ""), ("output", ""), ("parameters", "number")]
    shown = [(*row[:3], f"{row[3]:,}", f"{row[4]:,}") for row in rows]
    every = f"{view.program.parameter_count:,}", f"{sum(flops.values()):,}"
    total = ("total with loss and optimizer", "", "", *every)
    heading = f"FLOPs, a step of {view.program.batch_size:,}"
    return table("layers", [*columns, (heading, "number")], shown, total)


def _cost(view: RunView, drawings: Mapping[str, str]) -> Section:
    """Say what memory and time it took."""
    parts = view.program.memory_by_category()
    columns = [("memory", ""), ("bytes", "number")]
    rows = [(name, f"{count:,}") for name, count in parts.items()]
    total = ("total, allocated once", f"{view.program.memory_bytes:,}")
    body = drawings.get("memory", "") + table("memory by category", columns, rows, total)
    seconds = _summary(view).get("seconds")
    if view.records and isinstance(seconds, (int, float)) and seconds > 0:
        updates, epochs = view.records[-1]["updates"], view.records[-1]["epoch"]
        body += pairs_list(
            [
                ("training time", f"{seconds:.3g} s"),
                ("updates", f"{updates:,}, {updates / seconds:,.0f} a second"),
                ("epochs", f"{epochs:,}, {epochs / seconds:,.1f} a second"),
            ]
        )
    return Section("Memory and time", body)


def _training(view: RunView, plots: Mapping[str, bytes]) -> Section:
    """Show what the run recorded."""
    best = best_epoch(view)
    body = paragraph(f"Best epoch by {best[1]}: {best[0]}.") if best else ""
    shown = "".join(image(plots[name], _PLOTS[name]) for name in _RECORDED if name in plots)
    body += f'<div class="plots">{shown}</div>\n' if shown else ""
    return Section("Training", body)


def _decisions(view: RunView, plots: Mapping[str, bytes]) -> Section:
    """Show what the network decides, with every figure of the summary."""
    body = ""
    metrics = _summary(view).get("metrics") or {}
    names = [*dict.fromkeys(name for part in metrics.values() for name in part)]
    rows = []
    for name in names:
        values = [part.get(name) for part in metrics.values()]
        if all(isinstance(value, (int, float)) for value in values if value is not None):
            rows.append((name, *("" if v is None else f"{v:.6g}" for v in values)))
    if rows:
        columns = [("metric", ""), *((part, "number") for part in metrics)]
        body += table("metrics", columns, rows)
    shown = [name for name in _PLOTS if name in plots and name not in _RECORDED]
    found = view.judged_part()
    of = f", {found[0]} set" if found else ""
    figures = "".join(
        image(plots[name], f"{_PLOTS[name]}{of}", plot=name != "mistakes") for name in shown
    )
    return Section("Results", body + (f'<div class="plots">{figures}</div>\n' if figures else ""))


def _instructions(drawings: Mapping[str, str]) -> list[Section]:
    shown = drawings.get("ops", "") + drawings.get("program", "")
    return [Section("Instructions", shown)] if shown else []


def _reproduce(view: RunView, run: Path) -> Section:
    """Say how the run can be made again: commands, seed, versions, digests, the whole spec."""
    summary = _summary(view)
    versions = summary.get("versions") or {}
    folder = run if run.is_dir() else run.parent.parent
    commands = (
        f"graphnet train {folder / 'program.json'} --run-dir again\ngraphnet evaluate {folder}\n"
    )
    pairs = [
        ("seed", str(view.program.seed)),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions.items())),
        ("spec sha256", view.program.spec_sha256),
        ("data sha256", str(summary.get("data_sha256", ""))),
    ]
    spec = to_yaml(load_spec(dict(view.program.spec)).plain)
    body = code(commands, "commands") + pairs_list([pair for pair in pairs if pair[1]])
    return Section("How to reproduce it", body + folded("the whole spec", code(spec, "the spec")))
