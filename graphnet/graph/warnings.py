"""What is allowed but hardly meant."""

from __future__ import annotations

import networkx as nx

from graphnet.errors import listed
from graphnet.graph.build import split_reference
from graphnet.spec import Spec


def find_warnings(graph: nx.MultiDiGraph[str], spec: Spec) -> tuple[str, ...]:
    """Return one sentence for each oddity of the network."""
    return (
        *_idle_layers(graph, spec),
        *_idle_inputs(graph),
        *_frozen_whole(spec),
        *_misread_outputs(graph, spec),
    )


def _idle_layers(graph: nx.MultiDiGraph[str], spec: Spec) -> list[str]:
    ends = [f"loss:{loss.name}" for loss in spec.losses]
    ends += [split_reference(graph, reference)[0] for reference in spec.outputs]
    useful = set(ends)
    for end in ends:
        useful |= nx.ancestors(graph, end)
    idle = [layer.name for layer in spec.layers if layer.name not in useful]
    if not idle:
        return []
    if len(idle) == 1:
        return [f"layer {idle[0]} leads to no output and no loss, and is left out"]
    return [f"layers {listed(idle)} lead to no output and no loss, and are left out"]


def _idle_inputs(graph: nx.MultiDiGraph[str]) -> list[str]:
    idle = [
        name
        for name, node in graph.nodes(data=True)
        if node["kind"] in ("input", "target") and graph.out_degree(name) == 0
    ]
    return [f"nothing reads {listed(idle)}"] if idle else []


def _frozen_whole(spec: Spec) -> list[str]:
    if spec.losses and spec.layers and not any(layer.trainable for layer in spec.layers):
        return ["every layer is frozen: there is nothing to train"]
    return []


SCORES, SHARES, LOGARITHMS = "scores", "probabilities", "logarithms of probabilities"
_GIVEN = {
    **dict.fromkeys(("Softmax", "Softmin", "Softmax2d", "GumbelSoftmax"), SHARES),
    **dict.fromkeys(("Sigmoid", "Hardsigmoid"), SHARES),
    **dict.fromkeys(("LogSoftmax", "LogSigmoid", "AdaptiveLogSoftmaxWithLoss"), LOGARITHMS),
    **dict.fromkeys(("Linear", "Bilinear", "Conv1d", "Conv2d", "Conv3d"), SCORES),
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "LayerNorm", "Tanh"), SCORES),
}
"""What layers give, where it is known."""
_WANTED = {
    **dict.fromkeys(("CrossEntropyLoss", "FocalLoss"), (SCORES, LOGARITHMS)),
    **dict.fromkeys(
        ("BCEWithLogitsLoss", "SigmoidFocalLoss", "MultiLabelSoftMarginLoss"), (SCORES,)
    ),
    **dict.fromkeys(("NLLLoss", "CTCLoss"), (LOGARITHMS,)),
    "BCELoss": (SHARES,),
    "KLDivLoss": (LOGARITHMS,),
}
"""What losses read, first what is meant; a softmax changes nothing in logarithms of probabilities."""
_CURES = {
    (SHARES, SCORES): "let it read what that layer reads",
    (LOGARITHMS, SCORES): "let it read what that layer reads",
    (SCORES, LOGARITHMS): "put a LogSoftmax between",
    (SHARES, LOGARITHMS): "use LogSoftmax in its place",
    (SCORES, SHARES): "put a Sigmoid between, or use BCEWithLogitsLoss",
    (LOGARITHMS, SHARES): "use Sigmoid in its place",
}
"""What to do where one is given and another wanted."""


def _misread_outputs(graph: nx.MultiDiGraph[str], spec: Spec) -> list[str]:
    """Tell losses that read scores as probabilities, or the other way round."""
    told = []
    kinds = {layer.name: layer.layer.name() for layer in spec.layers}
    for loss in spec.losses:
        wanted = _WANTED.get(loss.loss.name())
        name, _ = split_reference(graph, loss.inputs[0])
        kind = kinds.get(name, "")
        given = _GIVEN.get(kind)
        if wanted and given and given not in wanted:
            told.append(
                f"{loss.loss.name()} reads {wanted[0]}, but layer {name} ({kind}) gives {given}; "
                f"{_CURES[given, wanted[0]]}"
            )
    return told
