"""Whatever a spec, an override or a mapping holds, the answer is a Spec or a coded error."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from graphnet.errors import GraphNetError, SpecErrors
from graphnet.spec import Spec, load_spec, read_spec_text
from graphnet.spec.source_text import decode

SPECS = (
    """\
graphnet: 1
name: mlp
seed: 0
inputs: {points: {shape: [2]}}
targets: {label: {shape: [1]}, kind: {shape: [], dtype: int64, classes: 3}}
layers:
  linear1: {type: Linear, out_features: 5, init: {weight: {type: kaiming_uniform, a: 2.24}}}
  tanh1: Tanh
  linear2: {type: Linear, out_features: 5, inputs: tanh1, share: linear1, trainable: true}
  sum: {type: Add, inputs: [linear1, linear2]}
  linear3: {type: Linear, out_features: 1}
outputs: [linear3, sum.output]
loss: {main: {type: BCEWithLogitsLoss, target: label}, other: {type: CrossEntropyLoss,
  input: sum, target: kind, scale: 0.5}}
metrics: [accuracy, {type: precision, average: macro}]
optimizer: {type: AdamW, lr: 1e-3, betas: [0.9, 0.999]}
scheduler: {type: StepLR, step_size: 100, gamma: 0.5}
data:
  train: {path: a.csv, inputs: {points: [x, y]}, targets: {label: label}}
  validation: {fraction: 0.2, stratify: kind}
  test: {generator: curve, samples: 10, inputs: {points: [x, y]}, targets: {label: label, kind: label}}
training: {epochs: 2, stop: {loss_change: 1e-5}, early_stopping: {metric: accuracy, mode: max}}
""",
    """\
graphnet: 1
inputs: {x: {shape: [4]}}
variables: {width: 8, name: "w${width}"}
description: "${name} wide"
blocks:
  inner: {parameters: {p: 0.5}, layers: {drop: {type: Dropout, p: "${p}"}}}
  dense:
    parameters: {size: , rate: 0.0}
    inputs: [a]
    layers:
      linear: {type: Linear, inputs: a, out_features: "${size}"}
      more: {block: inner, p: "${rate}", repeat: 2}
    outputs: [more]
layers:
  first: {block: dense, size: "${width}"}
  second: {block: dense, size: 3, repeat: 2, inputs: [first.linear]}
  last: {type: Add, inputs: [second.0.more.1.drop, second]}
""",
)
WORDS = (
    "type", "Linear", "block", "repeat", "inputs", "layers", "${width}", "${", "}", "{", "[", "]",
    ":", ": ", "- ", "\n", "\n  ", "\t", '"', "'", "#", " #", "&a", "*a", "!!int", "<<", "---\n",
    "...\n", "%YAML 1.1\n", "|", ">", "?", "? ", "@", "`", ",", "null", "~", "true", "no", "0x1F",
    "1e999", ".nan", "-1", "1.5", "9" * 19, "\r", "\r\n", "\x85", "\u2028", "\ufeff", "\x00", "\x1b",
    "\ud800", "\U0001f600", "é", "a.b", "dense", "first", "linear1", "expanded: true\n", "share",
)  # fmt: skip


def answer(text: str) -> Spec | GraphNetError:
    """Return what reading gives; anything but a Spec or a coded error fails the test."""
    try:
        return read_spec_text(text, "fuzz.yaml")
    except GraphNetError as error:
        return error


def check(found: Spec | GraphNetError, text: str = "") -> None:
    if isinstance(found, Spec):
        assert load_spec(dict(found.plain)).plain == found.plain
        return
    # Generators that do not fit the network have the codes of data.
    assert found.code[:3] in {"GN1", "GN5"} or found.code in {"GN317", "GN318", "GN319"}
    assert str(found).startswith("error[GN")
    problems = found.problems if isinstance(found, SpecErrors) else (found,)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in problems:
        assert problem.code != "GN910"
        assert len(problem.message) <= 400
        where = problem.where
        if where is not None and where.line and text:
            assert where.source == lines[where.line - 1]
            assert 1 <= where.column <= where.end_column <= len(where.source) + 2


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Draw a good spec with some places of it changed."""
    text = draw(st.sampled_from(SPECS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        kind = draw(st.sampled_from(["word", "cut", "copy", "char"]))
        new = {
            "word": draw(st.sampled_from(WORDS)),
            "cut": "",
            "copy": text[draw(st.integers(0, len(text))) :][: draw(st.integers(0, 60))],
            "char": draw(st.text(max_size=3)),
        }[kind]
        text = text[:start] + new + text[end:]
    return text


@given(mutated())
@settings(max_examples=300, deadline=None)
def test_mutated_specs(text: str) -> None:
    check(answer(text), text)


@given(st.text(st.sampled_from("ab:-{}[],#&*!|>'\"%@` \n\t.~1${}"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_yaml_like_text(text: str) -> None:
    check(answer(text), text)


@given(st.binary(max_size=200))
@example(b"\xff\xfea\x00")
@settings(max_examples=200, deadline=None)
def test_random_bytes(content: bytes) -> None:
    try:
        text = decode(content, "fuzz.yaml")
    except GraphNetError as error:
        check(error)
        return
    check(answer(text), text)


PLACES = st.lists(
    st.sampled_from(
        ["layers", "first", "second", "linear1", "optimizer", "lr", "blocks", "dense", "variables",
         "width", "loss", "main", "outputs", "data", "train", "", "0", "x", "type", "init", "é"]
    ),
    min_size=1,
    max_size=4,
).map(".".join)  # fmt: skip


@given(
    st.sampled_from(SPECS),
    st.dictionaries(
        PLACES, st.one_of(st.sampled_from(WORDS), st.text(max_size=12), st.integers()), max_size=3
    ),
)
@settings(max_examples=300, deadline=None)
def test_overrides(text: str, overrides: dict[str, Any]) -> None:
    try:
        found: Spec | GraphNetError = load_spec(text, overrides)
    except GraphNetError as error:
        found = error
    check(found)


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.binary(max_size=3),
        st.sampled_from(["Linear", "Tanh", "AdamW", "x", "${x}"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.text(max_size=5), st.integers()), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["graphnet", "name", "dtype", "inputs", "targets", "layers", "outputs", "loss", "data",
             "metrics", "optimizer", "scheduler", "training", "variables", "blocks", "z", "expanded"]
        ),
        ANYTHING,
    )
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_mappings(mapping: dict[str, Any]) -> None:
    whole = {"graphnet": 1, "inputs": {"x": {"shape": [2]}}, "layers": {"a": "Tanh"}, **mapping}
    try:
        found: Spec | GraphNetError = load_spec(whole)
    except GraphNetError as error:
        found = error
    check(found)
