"""Specs that mean nothing: every row of the catalogue of bad inputs that a spec alone can decide.

A case changes lines of a good spec; it must give exactly one error, at the place of the cause.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from graphnet.errors import GraphNetError, SpecErrors
from graphnet.spec import expand, load_spec, read_spec_text, to_yaml

SECONDS = 2.0
"""Most processor time of one case."""

GOOD = """\
graphnet: 1
name: mlp
dtype: float32
seed: 0
inputs:
  points: {shape: [2]}
targets:
  label: {shape: [1]}
layers:
  linear1: {type: Linear, out_features: 5}
  tanh1: Tanh
  linear2: {type: Linear, out_features: 1}
outputs: [linear2]
loss: BCEWithLogitsLoss
metrics: [accuracy]
optimizer: {type: AdamW, lr: 0.001}
scheduler: {type: StepLR, step_size: 100}
data:
  train: {path: train.csv, inputs: {points: [x, y]}, targets: {label: label}}
  validation: {fraction: 0.2}
training: {epochs: 200, batch_size: 50}
"""

# Row, line changed, its new text, code, line and column of the error, phrase of what is printed.
# fmt: off
CASES: list[tuple[str, int, str, str, int, int, str]] = [
    ("B01-layer", 10, "  linear1: {type: Linear, out_feature: 5}",
     "GN104", 10, 27, "did you mean 'out_features'?"),
    ("B01-list", 10, "  linear1: {type: Linear, out_features: 5, act: 1}",
     "GN104", 10, 44, "keys of Linear: bias, in_features, out_features"),
    ("B01-common", 11, "  tanh1: {type: Tanh, input: linear1}",
     "GN104", 11, 23, "did you mean 'inputs'?"),
    ("B01-top", 16, "optimiser: {type: AdamW, lr: 0.001}",
     "GN104", 16, 1, "did you mean 'optimizer'?"),
    ("B01-targets", 7, "target:", "GN104", 7, 1, "did you mean 'targets'?"),
    ("B01-optimizer", 16, "optimizer: {type: SGD, betas: [0.9, 0.999]}",
     "GN104", 16, 24, "not a key of SGD"),
    ("B01-groups", 16, "optimizer: {type: AdamW, groups: [{match: '*.bias', momentum: 1}]}",
     "GN104", 16, 53, "unknown key 'momentum' in 'groups.0' of the optimizer"),
    ("B01-group-value", 16, "optimizer: {type: AdamW, groups: [{match: '*.bias', lr: -1}]}",
     "GN106", 16, 57, "expected a number > 0"),
    ("B01-inner", 16, "optimizer: {type: SAM, optimizer: {type: SGD, momentun: 0.9}}",
     "GN104", 16, 47, "did you mean 'momentum'?"),
    ("B01-tuning", 16, "optimizer: {type: AdamW, accumulates: 2}",
     "GN104", 16, 26, "did you mean 'accumulate'?"),
    ("B01-training", 21, "training: {epoch: 200, batch_size: 50}",
     "GN104", 21, 12, "did you mean 'epochs'?"),
    ("B01-nested", 21, "training: {stop: {los_change: 1}}",
     "GN104", 21, 19, "unknown key 'los_change' in training.stop"),
    ("B01-data", 20, "  validation: {fraction: 0.2, sed: 1}",
     "GN104", 20, 31, "did you mean 'seed'?"),
    ("B01-init", 10,
     "  linear1: {type: Linear, out_features: 5, init: {bias: {type: zeros, a: 1}}}",
     "GN104", 10, 71, "zeros has no keys"),
    ("B01-input", 6, "  points: {shape: [2], classes: 3}",
     "GN104", 6, 24, "unknown key 'classes' in input 'points'"),
    ("B01-merge", 16, "optimizer: {type: AdamW, <<: 1}", "GN104", 16, 26, "unknown key '<<'"),
    ("B02-layer", 10, "  linear1: {type: Linear}", "GN105", 10, 12, "needs 'out_features'"),
    ("B02-short", 10, "  linear1: Linear", "GN105", 10, 12, "missing key 'out_features'"),
    ("B02-shape", 6, "  points: {dtype: float32}", "GN105", 6, 11, "needs 'shape'"),
    ("B02-type", 10, "  linear1: {out_features: 5}", "GN105", 10, 12, "missing key 'type'"),
    ("B02-slip", 10, "  linear1: {tpye: Linear, out_features: 5}",
     "GN104", 10, 13, "did you mean 'type'?"),
    ("B02-block-style", 10, "  linear1:\n    out_features: 5",
     "GN105", 10, 3, "missing key 'type' in layer 'linear1'"),
    ("B02-scheduler", 17, "scheduler: StepLR", "GN105", 17, 12, "needs 'step_size'"),
    ("B02-loss", 14, "loss: {reduction: sum}", "GN105", 14, 7, "missing key 'type' in the loss"),
    ("B02-stop", 21, "training: {stop: {}}", "GN105", 21, 18, "needs 'loss_change'"),
    ("B02-origin", 19, "  train: {inputs: {points: [x, y]}}",
     "GN105", 19, 10, "needs 'path' or 'generator'"),
    ("B02-init", 10, "  linear1: {type: Linear, out_features: 5, init: {bias: constant}}",
     "GN105", 10, 57, "missing key 'val' in init of 'bias'"),
    ("B03-text", 10, '  linear1: {type: Linear, out_features: "5"}',
     "GN106", 10, 41, "remove the quotes"),
    ("B03-flag", 10, "  linear1: {type: Linear, out_features: true}",
     "GN106", 10, 41, "expected a whole number >= 1, found true"),
    ("B03-integral", 10, "  linear1: {type: Linear, out_features: 128.0}",
     "GN106", 10, 41, "write 128"),
    ("B03-exponent", 10, "  linear1: {type: Linear, out_features: 1e2}",
     "GN106", 10, 41, "write 100"),
    ("B03-fraction", 10, "  linear1: {type: Linear, out_features: 1.5}",
     "GN106", 10, 41, "found the number 1.5"),
    ("B03-list", 10, "  linear1: {type: Linear, out_features: [5]}",
     "GN106", 10, 41, "found a list"),
    ("B03-seed", 4, "seed: -1", "GN106", 4, 7, "expected a whole number >= 0"),
    ("B03-name", 2, "name: 5", "GN106", 2, 7, "put it in quotes"),
    ("A08-no", 21, "training: {shuffle: no}", "GN106", 21, 21, "write false"),
    ("A08-on", 21, "training: {shuffle: on}", "GN106", 21, 21, "write true"),
    ("A09-hex", 4, "seed: 0x1F", "GN106", 4, 7, "write it in decimal or quote it"),
    ("A09-octal", 4, "seed: 010", "GN106", 4, 7, "write it in decimal or quote it"),
    ("A09-sexagesimal", 4, "seed: 1:30", "GN106", 4, 7, "write it in decimal or quote it"),
    ("A09-time", 4, "seed: 12:30:45", "GN106", 4, 7, "write it in decimal or quote it"),
    ("A09-underscore", 4, "seed: 1_000", "GN106", 4, 7, "write it in decimal or quote it"),
    ("A09-binary", 4, "seed: 0b11", "GN106", 4, 7, "write it in decimal or quote it"),
    ("A09-date", 4, "seed: 2001-01-01", "GN106", 4, 7, "write it in decimal or quote it"),
    ("A09-comma", 16, "optimizer: {type: AdamW, lr: '0,001'}",
     "GN106", 16, 30, "found the text '0,001'"),
    ("A10-nan", 16, "optimizer: {type: AdamW, lr: .nan}",
     "GN106", 16, 30, "numbers must be finite"),
    ("A10-inf", 16, "optimizer: {type: AdamW, lr: .inf}",
     "GN106", 16, 30, "numbers must be finite"),
    ("A10-overflow", 16, "optimizer: {type: AdamW, lr: 1.0e+999}",
     "GN106", 16, 30, "numbers must be finite"),
    ("A10-underflow", 16, "optimizer: {type: AdamW, lr: 1e-999}",
     "GN106", 16, 30, "a number of at least 5e-324"),
    ("A11-equals", 16, "optimizer: {type: AdamW, lr: =}", "GN106", 16, 30, "found the text '='"),
    ("B04-layer", 10, "  linear1: {type: Linaer, out_features: 5}",
     "GN107", 10, 19, "did you mean 'Linear'?"),
    ("B04-case", 11, "  tanh1: tanh", "GN107", 11, 10, "did you mean 'Tanh'?"),
    ("B04-loss", 14, "loss: BCEWithLogitLoss", "GN107", 14, 7, "did you mean 'BCEWithLogitsLoss'?"),
    ("B04-layer-as-loss", 14, "loss: Softmax", "GN107", 14, 7, "Softmax belongs under 'layers'"),
    ("B04-loss-as-layer", 11, "  tanh1: MSELoss", "GN107", 11, 10, "MSELoss belongs under 'loss'"),
    ("B04-optimizer", 16, "optimizer: {type: adamw}", "GN107", 16, 19, "did you mean 'AdamW'?"),
    ("B04-list", 16, "optimizer: Nothing", "GN107", 16, 12, "optimizers: SGD, ASGD, Adagrad"),
    ("B04-scheduler", 17, "scheduler: {type: StepLr, step_size: 1}",
     "GN107", 17, 19, "did you mean 'StepLR'?"),
    ("B04-metric", 15, "metrics: [acuracy]", "GN107", 15, 11, "did you mean 'accuracy'?"),
    ("B04-init", 10, "  linear1: {type: Linear, out_features: 5, init: {bias: zeroes}}",
     "GN107", 10, 57, "did you mean 'zeros'?"),
    ("B04-not-text", 11, "  tanh1: {type: [Tanh]}", "GN106", 11, 17, "expected a layer type"),
    ("B04-number", 11, "  tanh1: 5", "GN106", 11, 10, "found the number 5"),
    ("B05-lr", 16, "optimizer: {type: AdamW, lr: -0.1}", "GN106", 16, 30, "expected a number >"),
    ("B05-momentum", 16, "optimizer: {type: SGD, momentum: 1}",
     "GN106", 16, 34, "expected a number >= 0 and < 1"),
    ("B05-beta", 16, "optimizer: {type: Adam, betas: [0.9, 1]}",
     "GN106", 16, 38, "wrong value for 'betas.1'"),
    ("B05-betas", 16, "optimizer: {type: Adam, betas: [0.9]}",
     "GN106", 16, 32, "expected a list of 2 values"),
    ("B05-eps", 16, "optimizer: {type: Adam, eps: 0}", "GN106", 16, 30, "expected a number > 0"),
    ("B05-dropout", 11, "  tanh1: {type: Dropout, p: 1.0}", "GN106", 11, 29, "< 1, found"),
    ("B05-dropout-low", 11, "  tanh1: {type: Dropout, p: -0.1}", "GN106", 11, 29, ">= 0 and < 1"),
    ("B05-epochs", 21, "training: {epochs: 0}", "GN106", 21, 20, "expected a whole number >= 1"),
    ("B05-batch", 21, "training: {batch_size: 0}", "GN106", 21, 24, "a whole number >= 1"),
    ("B05-fraction", 20, "  validation: {fraction: 1}", "GN106", 20, 26, "> 0 and < 1"),
    ("B06-case", 11, "  Linear1: Tanh", "GN109", 11, 3, "a layer has the name on line 10"),
    ("B06-input", 11, "  points: Tanh", "GN109", 11, 3, "an input has the name on line 6"),
    ("B06-target", 11, "  Label: Tanh", "GN109", 11, 3, "'Label' and 'label' differ only in case"),
    ("B06-metric", 15, "metrics: [accuracy, accuracy]", "GN109", 15, 21, "stands twice"),
    ("B06-output", 13, "outputs: [linear2, linear2.output]", "GN109", 13, 20, "stands twice"),
    ("B07-layer", 11, "  tanh1: {type: Tanh, inputs: linaer1}",
     "GN116", 11, 31, "did you mean 'linear1'?"),
    ("B07-in-list", 11, "  tanh1: {type: Add, inputs: [linear1, lin]}",
     "GN116", 11, 40, "unknown layer or input 'lin'"),
    ("B07-output", 13, "outputs: [linear3]", "GN116", 13, 11, "did you mean 'linear2'?"),
    ("B07-output-input", 13, "outputs: points", "GN116", 13, 10, "is an input, not a layer"),
    ("B07-result", 13, "outputs: [linear2.hidden]", "GN116", 13, 11, "results: output"),
    ("B07-input-result", 11, "  tanh1: {type: Tanh, inputs: points.x}",
     "GN116", 11, 31, "input 'points' has no results"),
    ("B07-dots", 11, f"  tanh1: {{type: Tanh, inputs: {'a.' * 300}b}}",
     "GN116", 11, 31, "nothing has this name"),
    ("B07-target-read", 11, "  tanh1: {type: Tanh, inputs: label}",
     "GN116", 11, 31, "'label' is a target"),
    ("B07-loss-input", 14, "loss: {type: MSELoss, input: linear9}",
     "GN116", 14, 30, "did you mean 'linear2'?"),
    ("B07-loss-target", 14, "loss: {type: MSELoss, target: lable}",
     "GN116", 14, 31, "did you mean 'label'?"),
    ("B07-data", 19, "  train: {path: a.csv, inputs: {pionts: [x, y]}}",
     "GN116", 19, 33, "did you mean 'points'?"),
    ("B07-stratify", 20, "  validation: {fraction: 0.2, stratify: lable}",
     "GN116", 20, 41, "did you mean 'label'?"),
    ("B07-metric", 21, "training: {early_stopping: {metric: acuracy}}",
     "GN116", 21, 37, "it can watch: loss, accuracy"),
    ("B10-no-inputs", 6, "  {}", "GN105", 5, 1, "the spec has no inputs"),
    ("B11-one", 11, "  tanh1: {type: Add, inputs: linear1}",
     "GN118", 11, 30, "Add reads at least 2, found 1"),
    ("B11-default", 11, "  tanh1: Add", "GN118", 11, 10, "found 1 (the layer above)"),
    ("B11-two", 11, "  tanh1: {type: Tanh, inputs: [linear1, points]}",
     "GN118", 11, 31, "Tanh reads 1, found 2"),
    ("B11-none", 11, "  tanh1: {type: Tanh, inputs: []}", "GN118", 11, 31, "found 0"),
    ("B14-empty", 11, '  "": Tanh', "GN108", 11, 3, "the name is empty"),
    ("B14-long", 11, f"  {'a' * 1000}: Tanh", "GN108", 11, 3, "1000 characters"),
    ("B14-parent", 11, "  ../x: Tanh", "GN108", 11, 3, "cannot name"),
    ("B14-slash", 11, "  a/b: Tanh", "GN108", 11, 3, "holds '/'"),
    ("B14-colon", 11, "  a:b: Tanh", "GN108", 11, 3, "holds ':'"),
    ("B14-dot", 11, "  a.b: Tanh", "GN108", 11, 3, "a dot separates a layer from its result"),
    ("B14-trailing-dot", 11, "  a.: Tanh", "GN108", 11, 3, "cannot name a layer"),
    ("B14-option", 11, "  -rf: Tanh", "GN108", 11, 3, "starts with '-'"),
    ("B14-accent", 11, "  caf\u00e9: Tanh", "GN108", 11, 3, "cannot name a layer"),
    ("B14-emoji", 11, "  \U0001f600: Tanh", "GN108", 11, 3, "cannot name a layer"),
    ("B14-space", 11, "  a b: Tanh", "GN108", 11, 3, "holds ' '"),
    ("B14-device", 2, "name: CON", "GN108", 2, 7, "the name of a device on Windows"),
    ("B14-device-file", 2, "name: nul.txt", "GN108", 2, 7, "cannot name a spec"),
    ("B14-spec", 2, "name: ../../etc/passwd", "GN108", 2, 7, "cannot name a spec"),
    ("B15-internal", 11, "  __metadata__: Tanh", "GN108", 11, 3, "starts with '_'"),
    ("B16-newer", 1, "graphnet: 99", "GN115", 1, 11, "supported versions: 1"),
    ("B16-missing", 1, "", "GN115", 2, 1, "does not say which version"),
    ("B16-text", 1, 'graphnet: "1"', "GN115", 1, 11, "version '1' is not supported"),
    ("B16-flag", 1, "graphnet: true", "GN115", 1, 11, "is not supported"),
    ("B16-float", 1, "graphnet: 1.0", "GN115", 1, 11, "is not supported"),
    ("B17-origin", 19, "  train: {path: a.csv, generator: moons}",
     "GN125", 19, 35, "both a path and a generator"),
    ("B17-nesterov", 16, "optimizer: {type: SGD, nesterov: true}",
     "GN125", 16, 34, "nesterov needs a momentum above 0"),
    ("B17-classes", 8, "  label: {shape: [], classes: 2}", "GN125", 8, 31, "add dtype: int64"),
    ("B17-dtype", 6, "  points: {shape: [2], dtype: float64}",
     "GN125", 6, 31, "expected float32 or int64"),
    ("B17-share-init", 12,
     "  linear2: {type: Linear, out_features: 5, share: linear1, init: {bias: zeros}}",
     "GN123", 12, 51, "it starts them itself"),
    ("B17-share-parametrization", 12,
     "  linear2: {type: Linear, out_features: 5, share: linear1, parametrization: {weight: weight_norm}}",
     "GN123", 12, 51, "it works them out itself"),
    ("B17-share-frozen", 12,
     "  linear2: {type: Linear, out_features: 5, share: linear1, trainable: false}",
     "GN123", 12, 51, "move trainable: false to 'linear1'"),
    ("B17-share-later", 10, "  linear1: {type: Linear, out_features: 1, share: linear2}",
     "GN123", 10, 51, "not an earlier layer"),
    ("B17-share-self", 10, "  linear1: {type: Linear, out_features: 1, share: linear1}",
     "GN123", 10, 51, "not an earlier layer"),
    ("B18-setting", 16, "optimizer: {type: AdamW, lr: }", "GN106", 16, 30, "found nothing"),
    ("B18-null", 10, "  linear1: {type: Linear, out_features: null}",
     "GN106", 10, 41, "found nothing"),
    ("B18-layer", 11, "  tanh1:", "GN106", 11, 9, "expected a layer type, found nothing"),
    ("B18-metric", 15, "metrics: [~]", "GN106", 15, 11, "expected a metric, found nothing"),
    ("B18-version", 1, "graphnet:", "GN115", 1, 1, "does not say which version"),
    ("C04-zero", 6, "  points: {shape: [0]}", "GN106", 6, 20, "a whole number >= 1"),
    ("C04-negative", 6, "  points: {shape: [-2]}", "GN106", 6, 20, "a whole number >= 1"),
    ("C04-flag", 6, "  points: {shape: [true]}", "GN106", 6, 20, "found true"),
    ("C04-float", 6, "  points: {shape: [2.5]}", "GN106", 6, 20, "found the number 2.5"),
    ("C04-scalar", 6, "  points: {shape: 2}", "GN106", 6, 19, "expected a list"),
    ("C10-rank", 6, "  points: {shape: [1, 1, 1, 1, 1, 1, 1, 1]}",
     "GN112", 6, 19, "9 dimensions with the batch"),
    ("I-dtype", 3, "dtype: float16", "GN106", 3, 8, "one of float32, float64"),
    ("I-dtype-int", 3, "dtype: int64", "GN106", 3, 8, "one of float32, float64"),
    ("I-input-list", 6, "  points: [2]", "GN106", 6, 11, "expected a mapping, found a list"),
    ("I-schedulers", 17, "scheduler: [{type: StepLR, step_size: 1}]",
     "GN105", 17, 12, "needs 'milestones'"),
    ("I-scheduler-part", 17, "scheduler: {lr: {type: StepLR, step_sise: 1}}",
     "GN104", 17, 32, "did you mean 'step_size'?"),
    ("I-scheduler-formula", 17, "scheduler: {type: LambdaLR, lr_lambda: '2 ^ t'}",
     "GN106", 17, 40, "write ** for powers"),
    ("I-scheduler-setting", 17, "scheduler: {type: CyclicLR, base_lr: 0, max_lr: 1, step_size_up: 0}",
     "GN106", 17, 66, "a whole number >= 1"),
    ("I-scheduler-metric", 17, "scheduler: {type: ReduceLROnPlateau, metric: acuracy}",
     "GN116", 17, 12, "did you mean 'accuracy'?"),
    ("I-scheduler-interval", 17,
     "scheduler: {type: ChainedScheduler, schedulers: [{type: Noam, d_model: 4}]}",
     "GN125", 17, 12, "give the whole 'interval: step'"),
    ("I-init", 10, "  linear1: {type: Linear, out_features: 5, init: zeros}",
     "GN106", 10, 50, "expected a mapping"),
    ("I-parametrization", 10,
     "  linear1: {type: Linear, out_features: 5, parametrization: weight_norm}",
     "GN106", 10, 61, "expected a mapping"),
    ("I-parametrization-type", 10,
     "  linear1: {type: Linear, out_features: 5, parametrization: {weight: weight_nrom}}",
     "GN107", 10, 70, "did you mean 'weight_norm'?"),
    ("I-parametrization-key", 10,
     "  linear1: {type: Linear, out_features: 5, parametrization: {weight: {type: weight_norm, din: 1}}}",
     "GN104", 10, 90, "did you mean 'dim'?"),
    ("I-trainable", 10, "  linear1: {type: Linear, out_features: 5, trainable: 1}",
     "GN106", 10, 55, "expected true or false"),
    ("I-share", 12, "  linear2: {type: Linear, out_features: 1, share: [a]}",
     "GN106", 12, 51, "expected text, found a list"),
    ("I-outputs", 13, "outputs: []", "GN106", 13, 10, "has no outputs"),
    ("I-outputs-number", 13, "outputs: [1]", "GN106", 13, 11, "expected a name"),
    ("I-scale", 14, "loss: {type: MSELoss, scale: big}", "GN106", 14, 30, "expected a number"),
    ("I-loss-number", 14, "loss: 5", "GN106", 14, 7, "expected a loss, found the number 5"),
    ("I-format", 19, "  train: {path: a.bin, format: cvs}", "GN106", 19, 32, "did you mean 'csv'?"),
]
# fmt: on


BLOCK = """\
graphnet: 1
inputs:
  x: {shape: [4]}
variables: {width: 8, rate: 0.5, sizes: [1, 2]}
blocks:
  dense:
    parameters: {size: , rate: 0.0}
    inputs: [a]
    layers:
      linear: {type: Linear, inputs: a, out_features: "${size}"}
      drop: {type: Dropout, p: "${rate}"}
    outputs: [drop]
layers:
  first: {block: dense, size: "${width}"}
  second: {block: dense, size: 3, repeat: 2}
  last: {type: Linear, out_features: 1}
"""

# fmt: off
BLOCK_CASES: list[tuple[str, int, str, str, int, int, str]] = [
    ("V-unknown", 14, '  first: {block: dense, size: "${widht}"}',
     "GN119", 14, 31, "did you mean 'width'?"),
    ("V-inside-text", 3, '  x: {shape: ["${sizes}4"]}',
     "GN119", 3, 15, "cannot stand inside a text"),
    ("V-form", 14, '  first: {block: dense, size: "${width"}',
     "GN119", 14, 31, "not of the form ${name}"),
    ("V-empty", 14, '  first: {block: dense, size: "${}"}', "GN119", 14, 31, "unknown variable ''"),
    ("V-below", 4, 'variables: {a: "${width}", width: 8, rate: 0.5}',
     "GN119", 4, 16, "unknown variable 'width'"),
    ("V-self", 4, 'variables: {width: "${width}", rate: 0.5}',
     "GN119", 4, 20, "unknown variable 'width'"),
    ("V-kind", 4, "variables: {width: {a: 1}, rate: 0.5}",
     "GN106", 4, 20, "expected text, a number, true, false or a list"),
    ("V-long", 4, f"variables: {{width: 8, rate: 0.5, w: [{'1, ' * 40}]}}",
     "GN112", 4, 37, "at most 32 items"),
    ("V-text", 4, "variables: {width: wide, rate: 0.5}", "GN106", 14, 31, "found the text 'wide'"),
    ("V-name", 4, "variables: {width: 8, rate: 0.5, a.b: 1}",
     "GN108", 4, 34, "cannot name a variable"),
    ("K-block", 14, "  first: {block: dens, size: 8}", "GN107", 14, 18, "did you mean 'dense'?"),
    ("K-block-number", 14, "  first: {block: 5, size: 8}",
     "GN107", 14, 18, "expected the name of a block"),
    ("K-missing", 14, "  first: {block: dense}", "GN105", 14, 10, "missing key 'size'"),
    ("K-unknown", 14, "  first: {block: dense, size: 8, rat: 0.1}",
     "GN104", 14, 34, "did you mean 'rate'?"),
    ("K-type", 14, "  first: {block: dense, type: Tanh, size: 8}",
     "GN104", 14, 25, "unknown key 'type'"),
    ("K-repeat", 15, "  second: {block: dense, size: 3, repeat: 0}",
     "GN106", 15, 43, "a whole number >= 1"),
    ("K-too-many", 15, "  second: {block: dense, size: 3, repeat: 50001}",
     "GN112", 15, 11, "more than 100000 layers"),
    ("K-inputs", 14, "  first: {block: dense, size: 8, inputs: [x, x]}",
     "GN118", 14, 42, "needs 1 input, found 2"),
    ("K-inputs-number", 14, "  first: {block: dense, size: 8, inputs: [5]}",
     "GN106", 14, 43, "expected a name or a list of names"),
    ("K-inputs-unknown", 14, "  first: {block: dense, size: 8, inputs: y}",
     "GN116", 14, 42, "unknown layer or input 'y'"),
    ("K-key", 12, "    output: [drop]", "GN104", 12, 5, "did you mean 'outputs'?"),
    ("K-outputs", 12, "    outputs: [dropped]", "GN116", 12, 15, "did you mean 'drop'?"),
    ("K-outputs-input", 12, "    outputs: [a]", "GN116", 12, 15, "unknown layer 'a'"),
    ("K-outputs-empty", 12, "    outputs: []", "GN106", 12, 14, "has no outputs"),
    ("K-inner-reference", 11, "      drop: {type: Dropout, inputs: first, p: 0}",
     "GN116", 11, 37, "in block 'dense'"),
    ("K-inner-key", 11, "      drop: {type: Dropout, q: 0.5}",
     "GN104", 11, 29, "unknown key 'q' in layer 'first.drop'"),
    ("K-parameter", 7, "    parameters: {size: , repeat: 2}",
     "GN108", 7, 26, "'repeat' cannot name a parameter"),
    ("K-recursion", 11, "      drop: {block: dense, size: 3}", "GN120", 6, 3, "dense -> dense"),
    ("K-repetition", 16, "  last: {type: Linear, out_features: 1, inputs: second.2}",
     "GN116", 16, 49, "repetitions: second.0 to second.1"),
    ("K-repetition-layer", 16, "  last: {type: Linear, out_features: 1, inputs: second.drop}",
     "GN116", 16, 49, "has no repetition 'drop'"),
    ("K-inside", 16, "  last: {type: Linear, out_features: 1, inputs: first.dropp}",
     "GN116", 16, 49, "did you mean 'drop'?"),
    ("K-inside-input", 16, "  last: {type: Linear, out_features: 1, inputs: first.a}",
     "GN116", 16, 49, "unknown layer 'a' in block 'dense'"),
    ("K-inner-name", 10, '      A: {type: Linear, inputs: a, out_features: "${size}"}',
     "GN109", 10, 7, "differ only in case"),
]
# fmt: on


def changed(text: str, line: int, new: str) -> str:
    lines = text.splitlines()
    lines[line - 1] = new
    return "\n".join(lines) + "\n"


@pytest.fixture(autouse=True)
def limited_time() -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        pytest.fail(f"more than {SECONDS} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
    signal.signal(signal.SIGVTALRM, before)


def check(text: str, code: str, line: int, column: int, phrase: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        read_spec_text(text, "bad.yaml")
    error = caught.value
    assert not isinstance(error, SpecErrors), str(error)
    assert (error.code, error.line, error.column) == (code, line, column)
    assert error.file == "bad.yaml"
    assert phrase in str(error)
    assert error.exit_code == 1
    # No Python in what users read.
    assert not any(word in str(error) for word in ("NoneType", "MapNode", "<class", "Traceback"))


@pytest.mark.parametrize(
    ("line", "new", "code", "at_line", "column", "phrase"),
    [pytest.param(*case[1:], id=case[0]) for case in CASES],
)
def test_bad_spec(line: int, new: str, code: str, at_line: int, column: int, phrase: str) -> None:
    check(changed(GOOD, line, new), code, at_line, column, phrase)


@pytest.mark.parametrize(
    ("line", "new", "code", "at_line", "column", "phrase"),
    [pytest.param(*case[1:], id=case[0]) for case in BLOCK_CASES],
)
def test_bad_block(line: int, new: str, code: str, at_line: int, column: int, phrase: str) -> None:
    check(changed(BLOCK, line, new), code, at_line, column, phrase)


def problems_of(text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(SpecErrors) as caught:
        read_spec_text(text, "bad.yaml")
    return [(problem.code, problem.line) for problem in caught.value.problems]


def test_b22_independent_errors_are_reported_together_by_line() -> None:
    text = changed(GOOD, 21, "training: {epochs: 0, shufle: true}")
    text = changed(text, 16, "optimizer: {type: AdamW, lr: x}")
    text = changed(text, 12, "  linear2: {type: Linear, out_features: 1, inputs: tanh9}")
    text = changed(text, 10, "  linear1: {type: Linaer}")
    text = changed(text, 4, "seed: 1\nseed: 2")
    assert problems_of(text) == [
        ("GN103", 5),
        ("GN107", 11),
        ("GN116", 13),
        ("GN106", 17),
        ("GN106", 22),
        ("GN104", 22),
    ]


def test_b22_no_more_than_twenty_are_shown() -> None:
    layers = "".join(f"  a{n}: {{type: Tanh, x: 1}}\n" for n in range(30))
    with pytest.raises(SpecErrors) as caught:
        read_spec_text(f"graphnet: 1\ninputs: {{x: {{shape: [2]}}}}\nlayers:\n{layers}")
    assert len(caught.value.problems) == 30
    assert str(caught.value).count("error[GN104]") == 20
    assert str(caught.value).endswith("(and 10 more)")


def test_b10_a_loss_needs_targets_and_the_rest_needs_a_loss() -> None:
    lines = GOOD.splitlines()
    without_targets = "\n".join(lines[:6] + lines[8:17]) + "\n"
    check(without_targets, "GN121", 12, 1, "'loss' without 'targets'")
    without_loss = "\n".join(lines[:13] + lines[14:17]) + "\n"
    assert problems_of(without_loss) == [("GN121", 14), ("GN121", 15), ("GN121", 16)]


def test_b10_a_network_that_only_predicts_needs_no_more_than_layers() -> None:
    lines = GOOD.splitlines()
    spec = read_spec_text("\n".join(lines[:6] + lines[8:12]) + "\n")
    assert spec.outputs == ("linear2",)
    assert (spec.losses, spec.optimizer, spec.data) == ((), None, None)


def test_b10_several_inputs_must_be_told_apart() -> None:
    text = changed(GOOD, 6, "  points: {shape: [2]}\n  others: {shape: [2]}")
    check(text, "GN117", 11, 19, "inputs: points, others")
    text = changed(GOOD, 8, "  label: {shape: [1]}\n  other: {shape: [1]}")
    check(text, "GN117", 15, 7, "targets: label, other")


def test_b12_the_same_layer_twice_is_valid() -> None:
    spec = read_spec_text(changed(GOOD, 11, "  tanh1: {type: Add, inputs: [linear1, linear1]}"))
    assert spec.layers[1].inputs == ("linear1", "linear1")


def test_b14_canonically_equal_names_are_refused() -> None:
    text = changed(GOOD, 11, "  caf\u00e9: Tanh\n  cafe\u0301: Tanh")
    assert problems_of(text) == [("GN108", 11), ("GN108", 12)]


def test_b15_names_like_internals_are_names_of_layers() -> None:
    text = changed(GOOD, 11, "  grad: Tanh\n  loss: Tanh\n  output: Tanh")
    assert [layer.name for layer in read_spec_text(text).layers][1:4] == ["grad", "loss", "output"]


def test_b17_early_stopping_needs_validation() -> None:
    text = changed(changed(GOOD, 20, ""), 21, "training: {early_stopping: {patience: 3}}")
    check(text, "GN121", 21, 28, "has nothing to watch")


def test_b19_a_chain_of_ten_thousand_layers() -> None:
    layers = "".join(f"  a{n}: Tanh\n" for n in range(10_000))
    spec = read_spec_text(f"graphnet: 1\ninputs: {{x: {{shape: [2]}}}}\nlayers:\n{layers}")
    assert spec.layers[-1].inputs == ("a9998",)
    assert spec.outputs == ("a9999",)


def test_b20_a_million_layers_are_refused_by_number() -> None:
    text = changed(BLOCK, 15, "  second: {block: dense, size: 3, repeat: 1000000}")
    check(text, "GN112", 15, 11, "more than 100000 layers")


def test_b20_blocks_in_blocks_do_not_explode() -> None:
    blocks = "".join(
        f"  b{n}: {{layers: {{p: {{block: b{n + 1}}}, q: {{block: b{n + 1}}}}}}}\n"
        for n in range(40)
    )
    text = (
        f"graphnet: 1\ninputs: {{x: {{shape: [2]}}}}\nblocks:\n{blocks}"
        "  b40: {layers: {a: Tanh}}\nlayers: {s: {block: b0}}\n"
    )
    check(text, "GN112", 45, 13, "blocks are used more than 50000 times")


def test_b20_nesting_of_blocks_is_limited() -> None:
    blocks = "".join(f"  b{n}: {{layers: {{p: {{block: b{n + 1}}}}}}}\n" for n in range(70))
    text = (
        f"graphnet: 1\ninputs: {{x: {{shape: [2]}}}}\nblocks:\n{blocks}"
        "  b70: {layers: {a: Tanh}}\nlayers: {s: {block: b0}}\n"
    )
    check(text, "GN112", 75, 13, "nested more than 64 levels")


def test_b20_expanded_values_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expand, "_MAX_WORK", 10)
    check(BLOCK, "GN112", 15, 11, "blocks expand to more than 10 values")


def test_blocks_that_are_no_mapping() -> None:
    text = "graphnet: 1\ninputs: {x: {shape: [2]}}\nlayers: {a: Tanh}\nblocks: [a]\n"
    check(text, "GN106", 4, 9, "expected a mapping, found a list")
    check(text.replace("[a]", "{a: Tanh}"), "GN106", 4, 13, "wrong value for 'a' in blocks")
    check(text.replace("[a]", "{a: {layers: 5}}"), "GN106", 4, 22, "expected a mapping")
    check(text.replace("[a]", "{a: {}}"), "GN105", 4, 10, "block 'a' has no layers")


def test_blocks_made_of_each_other_are_named_in_a_circle() -> None:
    text = """\
graphnet: 1
inputs: {x: {shape: [2]}}
blocks:
  a: {layers: {p: {block: b}}}
  b: {layers: {q: {block: c}}}
  c: {layers: {r: {block: a}}}
  d: {layers: {s: {block: d}}}
  user: {layers: {t: {block: a}, u: {block: fine}, v: {block: good}}}
  pair: {layers: {t: {block: fine}, u: {block: good}}}
  fine: {layers: {t: Tanh}}
  good: {layers: {t: Tanh}}
layers: {first: {block: user}}
"""
    with pytest.raises(SpecErrors) as caught:
        read_spec_text(text)
    assert [problem.message for problem in caught.value.problems] == [
        "block 'a' is made of itself: a -> b -> c -> a",
        "block 'd' is made of itself: d -> d",
    ]


def test_b21_the_order_of_sections_and_keys_does_not_matter() -> None:
    spec = read_spec_text(GOOD)
    lines = GOOD.splitlines()
    turned = [*lines[12:], *lines[8:12], *lines[4:8], *lines[:4]]
    text = "\n".join(turned).replace("{type: AdamW, lr: 0.001}", "{lr: 0.001, type: AdamW}")
    assert to_yaml(read_spec_text(text).plain) == to_yaml(spec.plain)


def test_b23_data_may_lie_anywhere_but_names_are_no_paths() -> None:
    spec = load_spec(
        changed(GOOD, 19, "  train: {path: '../../$HOME/~/train.csv', targets: {label: z}}")
    )
    assert spec.data is not None
    assert spec.data.train.path == "../../$HOME/~/train.csv"


def test_a07_numbers_of_yaml_1_2() -> None:
    for text, value in (
        ("1e-3", 1e-3), ("1E-3", 1e-3), ("1e+10", 1e10), ("1.0e3", 1e3), (".5", 0.5), ("+2", 2.0)
    ):  # fmt: skip
        spec = read_spec_text(changed(GOOD, 16, f"optimizer: {{type: AdamW, lr: {text}}}"))
        assert spec.optimizer is not None
        assert spec.optimizer.lr == value


def test_a08_a11_words_are_text() -> None:
    for word in ("no", "on", "off", "yes", "NO", "=", "<<", "2001-01-01", "010", "1:30"):
        spec = read_spec_text(GOOD + f"description: {word}\n")
        assert spec.description == word
