"""The steps of every layer as text: two columns for terminals, a graph for Mermaid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphnet.viz.model import Drawing, Edge, Legend, Node
from graphnet.viz.steps import KEPT, Band, Step, Steps


def column_text(title: str, remarks: Sequence[str], shown: Steps) -> str:
    """Return forward and backward steps side by side, layer by layer, and the update below."""
    left = [step for band in shown.bands for step in band.forward]
    right = [step for band in shown.bands for step in band.backward]
    name = max([len("layer"), *(len(band.layer) for band in shown.bands)])
    wide = max([len("forward, downwards"), *(len(_line(step)) for step in left)])
    lines = [title, *remarks, ""]
    head = "backward, upwards" if right else ""
    lines.append(f"  {'layer':<{name}}  {'forward, downwards':<{wide}}  {head}")
    for band in shown.bands:
        lines.append("")
        for number, (forward, backward) in enumerate(_pairs(band)):
            label = band.layer if number == 0 else ""
            lines.append(f"  {label:<{name}}  {forward:<{wide}}  {backward}")
    if shown.update:
        lines += ["", f"  update {shown.optimizer}".rstrip()]
        lines += [f"  {_line(step)}" for step in shown.update]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _pairs(band: Band) -> Iterator[tuple[str, str]]:
    """Yield the lines of a layer: forward from the top, backward from the bottom."""
    forward = [_line(step) for step in band.forward]
    backward = [_line(step) for step in reversed(band.backward)]
    rows = max(len(forward), len(backward))
    forward += [""] * (rows - len(forward))
    backward = [""] * (rows - len(backward)) + backward
    yield from zip(forward, backward, strict=True)


def _line(step: Step) -> str:
    reading = [name for name in step.lasting if name != step.result]
    told = f"  ({', '.join(reading)})" if reading else ""
    return f"{step.index:>4}  {step.op} -> {step.result} {step.shape}{told}"


def flow_drawing(title: str, shown: Steps) -> Drawing:
    """Return the steps as a graph: a frame for each list, and in it one for each layer."""
    nodes: list[Node] = []
    for phase in ("forward", "backward"):
        bands = shown.bands if phase == "forward" else shown.bands[::-1]
        for band in bands:
            steps = band.forward if phase == "forward" else band.backward
            nodes += [_node(step, (phase, band.layer)) for step in steps]
    nodes += [_node(step, ("update",)) for step in shown.update]
    edges = tuple(
        Edge(str(flow.source), str(flow.target), flow.name if flow.kind == KEPT else "")
        for flow in shown.flows
    )
    present = dict.fromkeys(node.kind for node in nodes)
    return Drawing(title, tuple(nodes), edges, tuple(Legend(kind, kind) for kind in present))


def _node(step: Step, frame: tuple[str, ...]) -> Node:
    lines = (f"{step.index} {step.op}", f"{step.result} {step.shape}", ", ".join(step.lasting))
    return Node(str(step.index), step.phase, lines, frame)
