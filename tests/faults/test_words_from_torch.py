"""Specs written in the words of PyTorch: each mistake is answered with what to write here."""

from __future__ import annotations

import pytest

import graphnet
from graphnet.errors import GraphNetError, SpecErrors

GOOD = """\
graphnet: 1
inputs: {x: {shape: [2]}}
targets: {y: {shape: [1]}}
layers:
  linear1: {type: Linear, out_features: 5}
  tanh1: Tanh
  linear2: {type: Linear, out_features: 1}
outputs: [linear2]
loss: BCEWithLogitsLoss
metrics: [accuracy]
optimizer: {type: AdamW, lr: 0.001}
scheduler: {type: StepLR, step_size: 100}
training: {epochs: 200, batch_size: 50}
"""

# Row, line changed, its new text, code, phrase of what is printed.
# fmt: off
CASES: list[tuple[str, int, str, str, str]] = [
    ("loss-weight", 9, "loss: {a: {type: L1Loss, weight: 0.1}}", "GN104", "did you mean 'scale'?"),
    ("loss-keys", 9, "loss: {a: {type: L1Loss, weight: 0.1}}",
     "GN104", "keys of every loss: input, sample_weight, scale, target"),
    ("learning-rate", 11, "optimizer: {learning_rate: 0.1}", "GN104", "did you mean 'lr'?"),
    ("top-lr", 12, "lr: 0.1", "GN104", "it belongs under optimizer: write optimizer: {lr: ...}"),
    ("top-learning-rate", 12, "learning_rate: 0.1", "GN104", "write optimizer: {lr: ...}"),
    ("top-momentum", 12, "momentum: 0.9", "GN104", "write optimizer: {momentum: ...}"),
    ("top-epochs", 13, "epochs: 5", "GN104", "write training: {epochs: ...}"),
    ("top-batch-size", 13, "batch_size: 8", "GN104", "write training: {batch_size: ...}"),
    ("acc", 10, "metrics: [acc]", "GN107", "did you mean 'accuracy'?"),
    ("auc", 10, "metrics: auc", "GN107", "did you mean 'roc_auc'?"),
    ("cosine", 12, "scheduler: cosine", "GN107", "did you mean 'CosineAnnealingLR'?"),
    ("view", 6, "  tanh1: {type: View, shape: [5]}", "GN107", "did you mean 'Reshape'?"),
    ("cat", 6, "  tanh1: cat", "GN107", "did you mean 'Cat'?"),
    ("torch-cat", 6, "  tanh1: torch.cat", "GN107", "did you mean 'Cat'?"),
    ("torch-nn", 6, "  tanh1: torch.nn.ReLU", "GN107", "did you mean 'ReLU'?"),
    ("call", 6, "  tanh1: nn.ReLU()", "GN107", "did you mean 'ReLU'?"),
    ("functional", 6, "  tanh1: F.gelu", "GN107", "did you mean 'GELU'?"),
    ("torch-loss", 9, "loss: torch.nn.MSELoss", "GN107", "did you mean 'MSELoss'?"),
    ("torch-optim", 11, "optimizer: torch.optim.SGD", "GN107", "did you mean 'SGD'?"),
    ("randn", 6, "  tanh1: Randn", "GN107", "did you mean 'GaussianNoise'?"),
    ("noise", 6, "  tanh1: noise", "GN107", "did you mean 'GaussianNoise'?"),
]
# fmt: on


def changed(line: int, new: str) -> str:
    lines = GOOD.splitlines()
    lines[line - 1] = new
    return "\n".join(lines) + "\n"


def problem_of(text: str) -> GraphNetError:
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(text)
    assert not isinstance(caught.value, SpecErrors), str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("line", "new", "code", "phrase"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_told_in_words_of_here(line: int, new: str, code: str, phrase: str) -> None:
    error = problem_of(changed(line, new))
    assert error.code == code
    assert phrase in str(error)


def test_the_good_spec_is_good() -> None:
    graphnet.compile(GOOD)


EMBEDDING = """\
graphnet: 1
inputs: {x: {shape: [2]}}
layers: {linear1: {type: Linear, out_features: 5}}
"""


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        ("{type: TripletLoss, input: [x, x, x]}", "TripletMarginLoss"),
        ("InfoNCE", "InfoNCELoss"),
    ],
)
def test_an_unknown_loss_without_targets_is_told_by_its_type(loss: str, told: str) -> None:
    error = problem_of(f"{EMBEDDING}loss: {loss}\n")
    assert (error.code, error.help) == ("GN107", f"did you mean {told!r}?")


def test_an_unknown_loss_is_told_beside_one_that_needs_targets() -> None:
    with pytest.raises(SpecErrors) as caught:
        graphnet.compile(f"{EMBEDDING}loss: {{a: MSELoss, b: InfoNCE}}\n")
    assert [problem.code for problem in caught.value.problems] == ["GN121", "GN107"]
