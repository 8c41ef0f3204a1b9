"""Stepper: from the gradients of a batch to new weights, in as many passes as the optimizer asks for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from graphnet.backend import NumpyExecutable, NumpyRoutine
from graphnet.ir import ALL, LEARNING_RATE, PARAMETERS, SAMPLES, STATE, in_group
from graphnet.optimizers import LBFGS, Tuning, read_optimizer
from graphnet.training.lbfgs import LbfgsStepper

AVERAGE = in_group(f"{STATE}average", ALL)
COUNT = in_group(f"{STATE}n_averaged", ALL)
"""State that counts the weights in the average."""


class Stepper:
    """Calls the update list, and the auxiliary routines of a Program around it.

    Attributes:
        passes: Forward passes for each batch: two where the optimizer looks at a second place (SAM).
        varies: Whether there may be more (LBFGS).
        accumulate: Batches whose gradients make one update.
        pending: Batches whose gradients are gathered and wait for others.
        plain: Whether the update list is all there is to an update.
    """

    def __init__(self, executable: NumpyExecutable) -> None:
        """Bind the auxiliary routines.

        Args:
            executable: What is trained.
        """
        program = executable.program
        plain = program.spec.get("optimizer")
        optimizer, tuning = read_optimizer(plain) if plain else (None, Tuning())
        names = set(program.routines)
        self.passes = 2 if "ascend" in names else 1
        self.accumulate = tuning.accumulate if "gather" in names else 1
        self.pending = self._updates = 0
        self._swa, self._averages = tuning.swa, "average" in names
        self._executable = executable
        self._lists: dict[str, NumpyRoutine] = {
            name: executable.routine(name, 1)
            for name in ("gather", "ascend", "average", "exchange")
            if name in names
        }
        self._lbfgs = LbfgsStepper(executable, optimizer) if isinstance(optimizer, LBFGS) else None
        self.varies = self._lbfgs is not None
        self.plain = not self._lists and self._lbfgs is None
        self._samples = executable.scalars.get(SAMPLES)
        # What the only term of the loss was divided by; several terms are weighted by their samples.
        terms = program.judgement.terms if program.judgement else ()
        self._weight = terms[0].weight if len(terms) == 1 else None

    def step(self, routine: NumpyRoutine) -> float:
        """Go all the way with the batch in a routine's inputs; return its loss before the update."""
        routine.forward()
        loss = loss_in(routine)
        routine.backward()
        if self.finish(routine, routine.batch):
            self._updates += 1
            self.average_after_update(self._updates)
        self._executable.streams.clock[()] += 1
        return loss

    def finish(self, routine: NumpyRoutine, size: int, *, last: bool = False) -> bool:
        """Go on after the backward list of a batch; tell whether the weights were updated.

        Args:
            routine: The train routine with the batch in its inputs; forward and backward have run.
            size: Samples in the batch.
            last: Whether no other batch is to be waited for.
        """
        if self.plain:
            routine.update()
            return True
        if self._lbfgs is not None and routine.loss is not None:
            rate = self._executable.scalars[LEARNING_RATE].item()
            self._lbfgs.step(routine, float(routine.loss.item()), rate)
            return True
        if self.passes > 1:
            self._lists["ascend"].update()
            self._executable.streams.clock[()] += 1
            routine.forward()
            routine.backward()
        if self.accumulate > 1 and not self._gathered(routine, size, last):
            return False
        routine.update()
        return True

    def _gathered(self, routine: NumpyRoutine, size: int, last: bool) -> bool:
        """Add the batch to those that wait; tell whether they are enough."""
        if self._samples is not None:
            self._samples[()] = size if self._weight is None else routine.array(self._weight).item()
        self._lists["gather"].update()
        self.pending += 1
        if self.pending < self.accumulate and not last:
            return False
        self.pending = 0
        return True

    def average_after_update(self, updates: int) -> None:
        """Take the weights into their average after an update, if the spec wants it so."""
        if not self._averages:
            return
        swa = self._swa
        if swa is None or (swa.interval == "step" and updates > swa.start):
            self._lists["average"].update()

    def average_after_epoch(self, epochs: int) -> None:
        """Take the weights into their average after an epoch, if the spec wants it so."""
        swa = self._swa
        if self._averages and swa and swa.interval == "epoch" and epochs > swa.start:
            self._lists["average"].update()

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Put the averaged weights in the place of the live ones while something is judged."""
        self.settle()
        try:
            yield
        finally:
            self.settle()

    def adopt(self) -> None:
        """Let the averaged weights be the live ones from now on; the average goes on from them."""
        self.settle()
        average = self._executable.states.get(AVERAGE)
        if average is not None:
            average[...] = self._executable.memory.view("train", PARAMETERS, 1)

    def settle(self) -> None:
        """Exchange the averaged weights and the live ones, once there are any."""
        count = self._executable.states.get(COUNT)
        if count is not None and count.item() > 0:
            self._lists["exchange"].update()


def loss_in(routine: NumpyRoutine) -> float:
    """Return the loss that a forward pass has left."""
    return float(routine.loss.item()) if routine.loss is not None else math.nan
