"""Optimizers that torch.optim has not, against plain formulas written from their papers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from examples import Array, batch_of
from optimizing import BATCH, gradients, plain_settings, start, trained, weights

from graphnet.backend import NumpyExecutable
from graphnet.optimizers import OPTIMIZERS

Weights = dict[str, Array]
Update = Callable[[int, Weights, Weights], None]
"""Takes the number of the update, from 1, the weights, which it changes, and their gradients."""


def lion(lr: float = 1e-4, betas: Any = (0.9, 0.99), weight_decay: float = 0.0) -> Update:
    m: Weights = {}

    def update(t: int, p: Weights, g: Weights) -> None:
        for n in p:
            old = m.get(n, np.zeros_like(p[n]))
            c = betas[0] * old + (1 - betas[0]) * g[n]
            p[n] = p[n] - lr * (np.sign(c) + weight_decay * p[n])
            m[n] = betas[1] * old + (1 - betas[1]) * g[n]

    return update


def adabelief(
    lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-16, weight_decay: float = 0.0
) -> Update:
    m: Weights = {}
    s: Weights = {}

    def update(t: int, p: Weights, g: Weights) -> None:
        for n in p:
            m[n] = betas[0] * m.get(n, 0.0) + (1 - betas[0]) * g[n]
            s[n] = betas[1] * s.get(n, 0.0) + (1 - betas[1]) * (g[n] - m[n]) ** 2 + eps
            mhat, shat = m[n] / (1 - betas[0] ** t), s[n] / (1 - betas[1] ** t)
            p[n] = (1 - lr * weight_decay) * p[n] - lr * mhat / (np.sqrt(shat) + eps)

    return update


def trust(above: float, below: float) -> float:
    return above / below if above > 0 and below > 0 else 1.0


def lamb(
    lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-6, weight_decay: float = 0.0
) -> Update:
    m: Weights = {}
    s: Weights = {}

    def update(t: int, p: Weights, g: Weights) -> None:
        for n in p:
            m[n] = betas[0] * m.get(n, 0.0) + (1 - betas[0]) * g[n]
            s[n] = betas[1] * s.get(n, 0.0) + (1 - betas[1]) * g[n] ** 2
            r = m[n] / (1 - betas[0] ** t) / (np.sqrt(s[n] / (1 - betas[1] ** t)) + eps)
            u = r + weight_decay * p[n]
            size = np.sqrt((p[n] ** 2).sum()), np.sqrt((u**2).sum())
            p[n] = p[n] - lr * trust(*size) * u

    return update


def lars(
    lr: float = 1e-3,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
    trust_coefficient: float = 1e-3,
    eps: float = 1e-8,
) -> Update:
    b: Weights = {}

    def update(t: int, p: Weights, g: Weights) -> None:
        for n in p:
            w, d = np.sqrt((p[n] ** 2).sum()), np.sqrt((g[n] ** 2).sum())
            known = w > 0 and d > 0
            local = trust_coefficient * w / (d + weight_decay * w + eps) if known else 1.0
            b[n] = momentum * b.get(n, 0.0) + lr * local * (g[n] + weight_decay * p[n])
            p[n] = p[n] - b[n]

    return update


RULES: dict[str, Callable[..., Update]] = {
    "Lion": lion, "AdaBelief": adabelief, "LAMB": lamb, "LARS": lars,
}  # fmt: skip
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("Lion", {}),
    ("Lion", {"lr": 0.03, "betas": (0.5, 0.7), "weight_decay": 0.1}),
    ("AdaBelief", {}),
    ("AdaBelief", {"lr": 0.03, "betas": (0.5, 0.7), "eps": 1e-3, "weight_decay": 0.1}),
    ("LAMB", {}),
    ("LAMB", {"lr": 0.1, "betas": (0.5, 0.7), "eps": 1e-3, "weight_decay": 0.1}),
    ("LARS", {}),
    ("LARS", {"lr": 2.0, "momentum": 0.5, "weight_decay": 0.1, "trust_coefficient": 0.1}),
    ("LARS", {"lr": 0.3, "eps": 0.0, "momentum": 0.0}),
]


def by_hand(executable: NumpyExecutable, update: Update, steps: int) -> Iterator[Weights]:
    """Give the weights after each update, starting from those that the executable has now."""
    p = weights(executable)

    def go_on() -> Iterator[Weights]:
        for t in range(1, steps + 1):
            data = batch_of(executable.program, BATCH, t - 1)
            update(t, p, gradients(p, data["x"], data["y"]))
            yield dict(p)

    return go_on()


def require_equal(executable: NumpyExecutable, expected: Iterator[Weights], steps: int) -> None:
    for ours, theirs in zip(trained(executable, steps), expected, strict=True):
        for name in theirs:
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(("name", "settings"), VARIANTS, ids=str)
def test_twenty_updates(name: str, settings: dict[str, Any]) -> None:
    executable = start(plain_settings(name, settings))
    require_equal(executable, by_hand(executable, RULES[name](**settings), 20), 20)


@pytest.mark.parametrize("name", ["LAMB", "LARS"])
def test_weights_of_zero_move_at_the_plain_rate(name: str) -> None:
    settings = {"lr": 0.1, "weight_decay": 0.1}
    executable = start(plain_settings(name, settings))
    for array in executable.parameters.values():
        array[...] = 0.0
    require_equal(executable, by_hand(executable, RULES[name](**settings), 5), 5)


def adam(lr: float) -> Update:
    m: Weights = {}
    s: Weights = {}

    def update(t: int, p: Weights, g: Weights) -> None:
        for n in p:
            m[n] = 0.9 * m.get(n, 0.0) + 0.1 * g[n]
            s[n] = 0.999 * s.get(n, 0.0) + 0.001 * g[n] ** 2
            mhat, shat = m[n] / (1 - 0.9**t), s[n] / (1 - 0.999**t)
            p[n] = p[n] - lr * mhat / (np.sqrt(shat) + 1e-8)

    return update


@pytest.mark.parametrize(("k", "alpha"), [(1, 1.0), (3, 0.5), (5, 0.3), (30, 0.5)])
def test_lookahead(k: int, alpha: float) -> None:
    executable = start(
        {"type": "Lookahead", "optimizer": {"type": "Adam", "lr": 0.02}, "k": k, "alpha": alpha}
    )
    fast, slow = adam(0.02), weights(executable)

    def update(t: int, p: Weights, g: Weights) -> None:
        fast(t, p, g)
        for n in p if t % k == 0 else ():
            slow[n] = slow[n] + alpha * (p[n] - slow[n])
            p[n] = slow[n].copy()

    require_equal(executable, by_hand(executable, update, 17), 17)


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("rho", [0.05, 0.7])
def test_sam(rho: float, adaptive: bool, maximize: bool) -> None:
    inner = {"type": "SGD", "lr": 0.1, "maximize": maximize}
    executable = start({"type": "SAM", "optimizer": inner, "rho": rho, "adaptive": adaptive})
    p, sign = weights(executable), -1.0 if maximize else 1.0

    def expected() -> Iterator[Weights]:
        for number in range(12):
            data = batch_of(executable.program, BATCH, number)
            g = gradients(p, data["x"], data["y"])
            steep = {n: np.abs(p[n]) * g[n] if adaptive else g[n] for n in p}
            norm = np.sqrt(sum((part**2).sum() for part in steep.values()))
            away = {
                n: p[n] + sign * rho / (norm + 1e-12) * (p[n] ** 2 if adaptive else 1.0) * g[n]
                for n in p
            }
            g = gradients(away, data["x"], data["y"])
            for n in p:
                p[n] = p[n] - sign * 0.1 * g[n]
            yield dict(p)

    require_equal(executable, expected(), 12)


HELD_ELSEWHERE = {
    "test_torch.py": {
        "SGD", "ASGD", "Adagrad", "Adadelta", "RMSprop", "Rprop", "Adam", "AdamW", "Adamax", "NAdam",
        "RAdam", "Adafactor", "Muon",
    },
    "test_lbfgs.py": {"LBFGS"},
    "test_optimizers.py": {"MytorchAdamW"},
    "above": {"Lookahead", "SAM"},
}  # fmt: skip


def test_every_optimizer_is_held_somewhere() -> None:
    elsewhere = set().union(*HELD_ELSEWHERE.values())
    assert set(RULES) == {name for name, _ in VARIANTS} == set(OPTIMIZERS) - elsewhere
    assert elsewhere <= set(OPTIMIZERS)
