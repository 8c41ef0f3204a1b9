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
    ("targets-list", 3, "targets: [y]", "GN106", "write for example targets: {y: {shape: [1]}}"),
    ("loss-list", 9, "loss: [MSELoss, {type: L1Loss}]",
     "GN106", "give each a name: loss: {a: MSELoss, b: L1Loss}"),
    ("init", 7, "  linear2: {type: Linear, out_features: 1, init: zeros}",
     "GN106", "write init: {weight: zeros}"),
    ("init-number", 7, "  linear2: {type: Linear, out_features: 1, init: 0}",
     "GN106", "write init: {weight: xavier_uniform}"),
    ("parametrization", 7, "  linear2: {type: Linear, out_features: 1, parametrization: spectral_norm}",
     "GN106", "write parametrization: {weight: spectral_norm}"),
    ("input-list", 2, "inputs: {x: [4, 5]}", "GN106", "write x: {shape: [4, 5]}"),
    ("input-number", 2, "inputs: {x: 4}", "GN106", "write x: {shape: [4]}"),
    ("input-text", 2, "inputs: {x: float32}", "GN106", "write x: {shape: [2]}"),
    ("inputs-list", 2, "inputs: [x]", "GN106", "write for example inputs: {x: {shape: [2]}}"),
    ("shape", 2, "inputs: {x: {shape: 4}}", "GN106", "write [4]"),
    ("long", 3, "targets: {y: {shape: [1], dtype: long}}", "GN106", "write int64"),
    ("bool", 3, "targets: {y: {shape: [1], dtype: torch.bool}}", "GN106", "write int64"),
    ("float", 3, "targets: {y: {shape: [1], dtype: float}}", "GN106", "write float32"),
    ("double", 12, "dtype: double", "GN106", "write float64"),
    ("half", 12, "dtype: half", "GN106", "write float32"),
    ("torch-dtype", 12, "dtype: torch.float64", "GN106", "write float64"),
    ("reduction", 9, "loss: {type: BCEWithLogitsLoss, reduction: none}",
     "GN106", "a loss is one number: write mean or sum"),
    ("groups", 11, "optimizer: {groups: {match: '*.bias', lr: 1}}",
     "GN106", "groups: [{match: '*.bias', weight_decay: 0}]"),
    ("groups-params", 11, "optimizer: {groups: [{params: '*.bias', lr: 1}]}",
     "GN106", "groups: [{match: '*.bias', weight_decay: 0}]"),
    ("number-mul", 6, "  tanh1: {type: Mul, inputs: [linear1, 0.5]}",
     "GN106", "a number is no input: write {type: Scale, factor: 0.5}"),
    ("number-div", 6, "  tanh1: {type: Div, inputs: [linear1, 4]}",
     "GN106", "write {type: Scale, factor: 0.25}"),
    ("number-add", 6, "  tanh1: {type: Add, inputs: [1, linear1]}",
     "GN106", "write {type: Shift, amount: 1}"),
    ("number-sub", 6, "  tanh1: {type: Sub, inputs: [linear1, 2]}",
     "GN106", "write {type: Shift, amount: -2}"),
    ("number-first", 6, "  tanh1: {type: Sub, inputs: [1, linear1]}",
     "GN106", "write Neg, and then {type: Shift, amount: 1}"),
    ("amount", 6, "  tanh1: {type: Add, amount: -1, inputs: [linear1, linear1]}",
     "GN104", "to add a number, write {type: Shift, amount: ...}"),
    ("target", 6, "  tanh1: {type: Mul, inputs: [linear1, y]}",
     "GN116", "'y' is a target, which only losses and metrics read"),
    ("input-as-target", 9, "loss: {type: MSELoss, target: x}",
     "GN116", "declare a target of its own, and map the same data to both"),
    ("target-output", 8, "outputs: [linear2, y]", "GN116", "'y' is a target, not a layer"),
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


def test_a_shape_that_counts_the_batch() -> None:
    error = problem_of(
        "graphnet: 1\ninputs: {x: {shape: [6, 3, 16, 16]}}\n"
        "layers: {a: {type: Conv2d, out_channels: 2, kernel_size: 3}}\n"
    )
    assert error.help == "leave the batch out of the input's shape: N counts it"


def test_layers_as_a_list() -> None:
    error = problem_of(
        "graphnet: 1\ninputs: {x: {shape: [2]}}\nlayers: [{type: Linear, out_features: 1}]\n"
    )
    assert error.help == "write for example layers: {linear1: {type: Linear, out_features: 1}}"


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


BLOCKS = """\
graphnet: 1
inputs: {x: {shape: [4]}}
variables: {mid: 4}
blocks:
  wide:
    parameters: {exp: }
    layers:
      up: {type: Linear, out_features: "${exp}"}
      act: {type: Tanh}
      on: {type: Linear, out_features: "${exp}", in_features: "${exp}"}
layers:
  first: {block: wide, exp: 24}
  second: {block: wide, exp: 12, repeat: 2}
  third: {block: wide, exp: 6}
"""


def test_a_wrong_line_of_a_block_is_told_once() -> None:
    error = problem_of(BLOCKS.replace("{type: Tanh}", "{type: Tanh, slope: 1}"))
    assert (error.code, error.line) == ("GN104", 9)
    error = problem_of(BLOCKS.replace('"${exp}"}', '"${exp}", slope: 1}', 1))
    assert (error.code, error.line) == ("GN104", 8)
    assert error.notes[-1] == "found 3 times, as often as this is used"


def test_a_wrong_argument_of_a_block_is_pointed_at_once() -> None:
    error = problem_of(BLOCKS.replace("exp: 24", "exp: 24.0"))
    assert (error.code, error.line, error.column) == ("GN106", 12, 29)
    assert error.help == "write 24"
    assert error.notes == ("found 3 times, as often as this is used",)


def test_different_faults_of_one_block_are_all_told() -> None:
    with pytest.raises(SpecErrors) as caught:
        graphnet.compile(BLOCKS.replace("{type: Tanh}", "{type: Tanh, slope: 1, angle: 2}"))
    assert [problem.message for problem in caught.value.problems] == [
        "unknown key 'slope' in layer 'first.act'",
        "unknown key 'angle' in layer 'first.act'",
    ]


@pytest.mark.parametrize("size", ['"${mid}/2"', "mid * 2", "2*4"])
def test_there_are_no_expressions(size: str) -> None:
    error = problem_of(
        "graphnet: 1\ninputs: {x: {shape: [4]}}\nvariables: {mid: 4}\n"
        f"layers: {{a: {{type: Linear, out_features: {size}}}}}\n"
    )
    assert error.help == "there are no expressions: add a variable or a block parameter for it"


def test_articles() -> None:
    assert "not a key of an input" in str(problem_of(changed(2, "inputs: {x: {shape: [2], a: 1}}")))
    assert "expected an optimizer" in str(problem_of(changed(11, "optimizer: 5")))
