"""Every row of every table can be named in a spec, with all of its settings."""

from __future__ import annotations

from typing import Any

import pytest
from layer_case import LayerCase
from layer_cases import EACH_LAYER, LAYER_LABELS
from layer_network import case_spec

from graphnet.declare import (
    Choice,
    Either,
    Entry,
    Flag,
    Integer,
    Kind,
    Listed,
    Mapped,
    Nested,
    Optional,
    Real,
    Row,
    Text,
)
from graphnet.initializers import INITIALIZERS
from graphnet.layers import LAYERS
from graphnet.losses import LOSSES
from graphnet.metrics import METRICS
from graphnet.optimizers import OPTIMIZERS
from graphnet.schedulers import SCHEDULERS
from graphnet.schedulers.expression import Expression
from graphnet.spec import Spec, load_spec, to_yaml
from graphnet.spec.typed import plain_entry

NEEDED: dict[str, dict[str, Any]] = {
    "OneCycleLR": {"total_steps": 9},
    "SequentialLR": {"milestones": [3]},
    "BySetting": {"weight_decay": {"type": "ExponentialLR", "gamma": 0.5}},
    "WarmupCosine": {"total": 9},
}
"""Settings that go together with the sampled ones, beside those that must be given."""
FITTING: dict[str, dict[str, Any]] = {
    **NEEDED,
    "SGD": {"nesterov": False},
    "trunc_normal": {"b": 2.5},
    "LBFGS": {"maximize": False},
    "Rprop": {"etas": [0.5, 1.2]},
    "Adafactor": {"beta2_decay": -0.5},
    "BySetting": {"interval": "epoch", "lr": None, "momentum": None},
    "ReduceLROnPlateau": {"interval": "epoch", "metric": "loss"},
}
"""The same where every setting is given."""


def sample(kind: Kind) -> Any:
    """Return a value of a kind, as it is written in a spec."""
    if isinstance(kind, (Optional, Either)):
        return sample(kind.kind if isinstance(kind, Optional) else kind.kinds[-1])
    if isinstance(kind, Integer):
        return kind.low if kind.low is not None else 2
    if isinstance(kind, Real):
        low = kind.above if kind.above is not None else (kind.low or 0.0)
        high = kind.below if kind.below is not None else (kind.high or low + 1.0)
        return (low + high) / 2
    if isinstance(kind, Listed):
        return [sample(kind.kind)] * (kind.length or 2)
    if isinstance(kind, Mapped):
        return {"x": sample(kind.kind)}
    if isinstance(kind, Row):
        return written(next(iter(kind.table().values())), every=False)
    if isinstance(kind, Expression):
        return "0.5 ** t"
    if isinstance(kind, Nested):
        return settings_of(kind.entry, every=True)
    return {Flag: True, Text: "x", Choice: getattr(kind, "options", ("",))[-1]}[type(kind)]


def settings_of(entry: type[Entry], *, every: bool) -> dict[str, Any]:
    chosen = {
        name: sample(declared.kind)
        for name, declared in entry.settings().items()
        if every or declared.required
    }
    return (
        {**chosen, **FITTING.get(entry.name(), {})}
        if every
        else {**chosen, **NEEDED.get(entry.name(), {})}
    )


def written(entry: type[Entry], *, every: bool) -> dict[str, Any]:
    return {"type": entry.name(), **settings_of(entry, every=every)}


def spec(**sections: Any) -> Spec:
    whole = {
        "graphnet": 1,
        "inputs": {"x": {"shape": [2]}},
        "targets": {"t": {"shape": [2]}},
        "layers": {"a": "Tanh"},
        **sections,
    }
    found = load_spec(whole)
    assert load_spec(dict(found.plain)).plain == found.plain
    assert load_spec(to_yaml(found.plain)).plain == found.plain
    return found


@pytest.mark.parametrize(("kind", "number", "case"), EACH_LAYER, ids=LAYER_LABELS)
def test_layers(kind: str, number: int, case: LayerCase) -> None:
    """The settings of every case can be written, and all of them once they are resolved."""
    plain = case_spec(kind, case, "float32")
    found = load_spec(plain)
    layer = found.plain["layers"]["it"]
    assert set(layer) >= {"type", *LAYERS[kind].settings()}
    assert load_spec(dict(found.plain)).plain == found.plain
    assert load_spec(to_yaml(found.plain)).plain == found.plain


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("row", LOSSES.values(), ids=list(LOSSES))
def test_losses(row: type[Entry], every: bool) -> None:
    ends = {"input": LOSSES[row.name()].input_roles, "target": LOSSES[row.name()].target_roles}
    names = {"input": "a", "target": "t"}
    given = {key: [names[key]] * len(roles) for key, roles in ends.items() if len(roles) > 1}
    found = spec(loss={**written(row, every=every), **given}).losses[0]
    assert type(found.loss) is row
    assert {**found.loss.plain(), **settings_of(row, every=every)} == found.loss.plain()


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=list(OPTIMIZERS))
def test_optimizers(row: type[Entry], every: bool) -> None:
    found = spec(loss="MSELoss", optimizer=written(row, every=every)).optimizer
    assert found == row.from_plain(settings_of(row, every=every))


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("row", SCHEDULERS.values(), ids=list(SCHEDULERS))
def test_schedulers(row: type[Entry], every: bool) -> None:
    found = spec(loss="MSELoss", scheduler=written(row, every=every)).scheduler
    assert found == row.from_plain(settings_of(row, every=every))


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("row", METRICS.values(), ids=list(METRICS))
def test_metrics(row: type[Entry], every: bool) -> None:
    chosen = settings_of(row, every=every)
    if every:
        chosen |= {"output": "a", "target": "t"}
    if row.name() == "roc_auc":
        chosen["average"] = "weighted"  # pairs of classes have no `none`
    sections: dict[str, Any] = {"loss": "MSELoss"}
    if METRICS[row.name()].needs_classes:
        classes = {"t": {"shape": [], "dtype": "int64", "classes": 2}}
        sections = {"loss": "CrossEntropyLoss", "targets": classes}
    found = spec(metrics=[{"type": row.name(), **chosen}], **sections).metrics
    assert found == (row.from_plain(chosen),)


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("row", INITIALIZERS.values(), ids=list(INITIALIZERS))
def test_initializers(row: type[Entry], every: bool) -> None:
    layer = {"type": "Linear", "out_features": 2, "init": {"weight": written(row, every=every)}}
    found = spec(layers={"a": layer}).layers[0].init["weight"]
    assert plain_entry(found) == {"type": row.name(), **found.plain()}
    assert found == row.from_plain(settings_of(row, every=every))
