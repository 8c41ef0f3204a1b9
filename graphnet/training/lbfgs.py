"""The steps of LBFGS: what comes next is decided here; every vector is changed by a list of the Program.

What is read of vectors are single numbers: products and largest elements.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphnet.backend import Array, NumpyExecutable, NumpyRoutine
from graphnet.ir import FACTOR, GRADIENTS, SIZE, SLOT, STATE
from graphnet.optimizers import LBFGS
from graphnet.training.line_search import Point, Search

SMALLEST_CHANGE = 1e-10
"""Changes of weights and gradients whose product is not above this are not remembered, as in torch."""


class LbfgsStepper:
    """Takes one update on the batch that is in a routine's inputs."""

    def __init__(self, executable: NumpyExecutable, settings: LBFGS) -> None:
        """Bind the lists.

        Args:
            executable: What is trained; its states hold the history.
            settings: The optimizer's.
        """
        self._settings, self._executable = settings, executable
        self._lists = {name: executable.routine(name, 1) for name in settings.lists()}
        self._state = {name.removeprefix(STATE): array for name, array in executable.states.items()}
        self._direction = self._state["d"]
        whole = executable.memory.view("train", GRADIENTS, 1)
        self._gradient = whole[: len(self._direction)]
        self._evaluations = 0

    def step(self, routine: NumpyRoutine, loss: float, rate: float) -> None:
        """Go on after the forward and backward lists of a batch.

        Args:
            routine: The train routine.
            loss: The loss of the batch.
            rate: Learning rate of this update.
        """
        settings, state = self._settings, self._state
        self._evaluations = 1
        state["func_evals"][()] += 1
        if largest(self._gradient) <= settings.tolerance_grad:
            return
        for step in range(1, settings.max_iter + 1):
            state["n_iter"][()] += 1
            self._find_direction()
            self._run("lbfgs_mark")
            size = rate
            if state["n_iter"].item() == 1:
                size = min(1.0, 1.0 / self._sum_of_gradient()) * rate
            slope = float(self._gradient @ self._direction)
            self._set_size(size)
            if slope > -settings.tolerance_change:
                return
            before = loss
            loss = self._move(routine, Point(0.0, loss, slope, 0), size, step == settings.max_iter)
            if self._is_over(step, loss, before):
                return

    def _move(self, routine: NumpyRoutine, start: Point, size: float, final: bool) -> float:
        """Move along the direction; return the loss there."""
        if self._settings.line_search_fn is None:
            routine.update()
            if final:  # nobody asks for the loss any more
                return start.loss
            return self._evaluated(routine)

        def evaluate(size: float, slot: int) -> Point:
            self._set_size(size)
            routine.update()
            loss = self._evaluated(routine)
            self._run("lbfgs_keep", slot)
            return Point(size, loss, float(self._gradient @ self._direction), slot)

        self._run("lbfgs_keep", start.slot)
        search = Search(
            start,
            evaluate,
            most=self._settings.most_evaluations - self._evaluations,
            tolerance=self._settings.tolerance_change,
            reach=largest(self._direction),
        )
        found = search.run(size)
        self._run("lbfgs_recall", found.slot)
        self._set_size(found.size)
        routine.update()
        return found.loss

    def _evaluated(self, routine: NumpyRoutine) -> float:
        """Run the lists at the weights there are now; return the loss."""
        self._executable.streams.clock[()] += 1
        routine.forward()
        loss = float(routine.loss.item()) if routine.loss is not None else float("nan")
        routine.backward()
        self._evaluations += 1
        self._state["func_evals"][()] += 1
        return loss

    def _is_over(self, step: int, loss: float, before: float) -> bool:
        """Whether the update ends after a step."""
        settings = self._settings
        moved = abs(self._state["t"].item()) * largest(self._direction)
        return (
            step == settings.max_iter
            or self._evaluations >= settings.most_evaluations
            or largest(self._gradient) <= settings.tolerance_grad
            or moved <= settings.tolerance_change
            or abs(loss - before) < settings.tolerance_change
        )

    def _find_direction(self) -> None:
        """Let the direction be the gradient turned round, times the approximate inverse Hessian."""
        state = self._state
        if state["n_iter"].item() == 1:
            state["H_diag"][()] = 1.0
            self._run("lbfgs_steepest")
            return
        self._learn()
        slots, ro = self._slots(), state["ro"][0]
        self._run("lbfgs_steepest")
        shares: dict[int, float] = {}
        for slot in reversed(slots):
            shares[slot] = float(state["old_stps"][slot] @ self._direction) * ro[slot].item()
            self._run("lbfgs_back", slot, -shares[slot])
        self._run("lbfgs_scale", factor=state["H_diag"].item())
        for slot in slots:
            share = float(state["old_dirs"][slot] @ self._direction) * ro[slot].item()
            self._run("lbfgs_forth", slot, shares[slot] - share)

    def _learn(self) -> None:
        """Remember how weights and gradient have changed, unless that says nothing."""
        state, most = self._state, self._settings.history_size
        self._executable.scalars[SIZE][()] = state["t"].item()
        self._run("lbfgs_learn")
        product = float(state["y"] @ state["s"])
        if product <= SMALLEST_CHANGE:
            return
        newest = int(state["newest"].item() + 1) % most if state["count"].item() else 0
        self._run("lbfgs_store", newest)
        state["ro"][0, newest] = 1.0 / product
        state["newest"][()] = newest
        state["count"][()] = min(state["count"].item() + 1, most)
        state["H_diag"][()] = product / float(state["y"] @ state["y"])

    def _slots(self) -> Sequence[int]:
        """Return the rows of the history, the oldest first."""
        count, newest = int(self._state["count"].item()), int(self._state["newest"].item())
        most = self._settings.history_size
        return [(newest - count + 1 + index) % most for index in range(count)]

    def _sum_of_gradient(self) -> float:
        scratch = self._state["y"]
        np.absolute(self._gradient, out=scratch)
        return float(np.add.reduce(scratch))

    def _set_size(self, size: float) -> None:
        self._state["t"][()] = self._executable.scalars[SIZE][()] = size

    def _run(self, name: str, slot: int = 0, factor: float = 0.0) -> None:
        scalars = self._executable.scalars
        scalars[SLOT][()], scalars[FACTOR][()] = slot, factor
        self._lists[name].update()


def largest(vector: Array) -> float:
    """Return the largest element by size, without memory of its own."""
    return max(float(np.maximum.reduce(vector)), -float(np.minimum.reduce(vector)))
