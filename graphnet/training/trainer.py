"""Trainer: the loop over epochs and batches; it computes and keeps account, and writes no file."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.backend import Array, NumpyExecutable, NumpyRoutine
from graphnet.data import Batches
from graphnet.errors import ArtifactError, NumericError
from graphnet.recipe import Training
from graphnet.training.evaluation import Evaluator
from graphnet.training.gradient_norms import GradientNorms
from graphnet.training.interrupt import Interrupt
from graphnet.training.judging import metrics_of
from graphnet.training.loss_account import LossAccount
from graphnet.training.nonfinite import explain_nonfinite
from graphnet.training.parts import Parts
from graphnet.training.plateau import PlateauWatch
from graphnet.training.progress import Progress
from graphnet.training.rates import Rates
from graphnet.training.snapshot import copy_arrays, live_arrays
from graphnet.training.stepper import Stepper
from graphnet.training.watch import Watch


class Trainer:
    """Trains an executable on the parts of a run.

    Attributes:
        executable: What is trained.
        progress: Where the run stands.
        stopped: Why the training was stopped early, or an empty string.
        best: Copies of the arrays after the best epoch, or None before the first.
        after_update: Called after every update; what they raise ends the training.
    """

    def __init__(
        self, executable: NumpyExecutable, training: Training, parts: Parts, progress: Progress
    ) -> None:
        """Prepare batches, rates and validation.

        Args:
            executable: Its arrays hold the state that `progress` tells of.
            training: The spec's training section.
            parts: Samples to train on, and to validate on.
            progress: Where to go on.

        Raises:
            UsageError: When early stopping watches what is not there.
            ArtifactError: When progress is not one of such a run (GN460).
        """
        self.executable, self.progress = executable, progress
        self._training = training
        size = min(training.batch_size, executable.program.batch_size)
        seed = executable.program.seed
        self._batches = Batches(
            parts.train, size, training.shuffle, training.drop_last, seed, training=True
        )
        self._total = len(self._batches)
        self.rates = Rates(executable.program, self._total)
        metrics = metrics_of(executable.program)
        self._validation = (
            Evaluator(executable, parts.validation, metrics) if parts.validation else None
        )
        self.watch = Watch(training, validated=parts.validation is not None, metrics=list(metrics))
        self.stopped = ""
        self.best: dict[str, Array] | None = None
        self.after_update: list[Callable[[], object]] = []
        self._norms = GradientNorms(executable, progress) if training.gradient_norms else None
        self._live = live_arrays(executable)
        self._kept: list[tuple[Array, Array]] = []
        judgement = executable.program.judgement
        terms = judgement.terms if judgement else ()
        self._refuse_other_terms(len(terms))
        self._account = LossAccount(terms, progress.loss_sums, progress.loss_weights)
        progress.loss_sums, progress.loss_weights = self._account.sums, self._account.weights
        self._clock = executable.streams.clock
        self._clock[()] = progress.clock
        self.stepper = Stepper(executable)
        if progress.batch < len(self._batches):  # the last one waits for no other
            self.stepper.pending = progress.batch % self.stepper.accumulate
        self._plateau = PlateauWatch(
            self.rates.plateau, validated=parts.validation is not None, metrics=list(metrics)
        )
        self._refuse_wrong_account()

    @property
    def batches_per_epoch(self) -> int:
        """Updates in an epoch."""
        return len(self._batches)

    @property
    def samples_per_epoch(self) -> int:
        """Samples an epoch trains on."""
        return min(self._batches.count, len(self._batches) * self._batches.batch_size)

    @property
    def ends_with_best(self) -> bool:
        """Whether the result of the run so far are its best weights, not the last ones."""
        return self.watch.restores_best and self.best is not None

    def stop(self, reason: str) -> None:
        """End the training after the update or epoch it is in."""
        if not self.progress.ended:
            self.progress.ended, self.stopped = "stopped", reason

    def epochs(self, interrupt: Interrupt) -> Iterator[dict[str, Any]]:
        """Train epoch by epoch, giving the record of each; returns when done or interrupted.

        Raises:
            NumericError: When the loss is no longer finite.
        """
        progress = self.progress
        while progress.epoch < self._training.epochs and not progress.ended:
            began = time.perf_counter()
            try:
                with np.errstate(all="ignore"):
                    self._run_epoch(interrupt)
            except (ZeroDivisionError, OverflowError) as failure:
                raise NumericError(
                    "GN603", f"update {progress.updates + 1} cannot be computed: {failure}"
                ) from failure
            finally:
                progress.seconds += time.perf_counter() - began
                if progress.batch < len(self._batches):  # batches that nobody will take
                    self._batches.close()
            if interrupt.signal or progress.batch < len(self._batches):  # stopped by a callback
                return
            yield self._finish_epoch()
        if not progress.ended:
            progress.ended = "finished"

    def _refuse_wrong_account(self) -> None:
        """Refuse a progress whose numbers contradict each other or the data."""
        done, batches = self.progress, self._batches
        samples = min(done.batch * batches.batch_size, batches.count)
        updates = done.epoch * self.rates.updates_per_epoch + self._updates_begun()
        passes = (done.epoch * len(batches) + done.batch) * self.stepper.passes
        fits = done.clock >= passes if self.stepper.varies else done.clock == passes
        account = (done.samples, done.updates)
        if done.batch > len(batches) or account != (samples, updates) or not fits:
            raise _contradiction()

    def _refuse_other_terms(self, count: int) -> None:
        """Refuse sums of another number of terms than the loss has."""
        done = self.progress
        if {len(done.loss_sums), len(done.loss_weights)} not in ({0}, {count}):
            raise _contradiction()

    def _updates_begun(self) -> int:
        """Return the updates that the batches of the current epoch have made so far."""
        batch, together = self.progress.batch, self.stepper.accumulate
        return self.rates.updates_per_epoch if batch == len(self._batches) else batch // together

    def _run_epoch(self, interrupt: Interrupt) -> None:
        """Train on the batches of an epoch that are left."""
        progress, batches = self.progress, self._batches
        order = batches.order(progress.epoch)
        stepwise = self.rates.changes_within_epoch
        self._set_rates()
        total, whole = self._total, batches.count // batches.batch_size
        if progress.batch == total:  # stopped between the last update and the epoch's end
            return
        size = batches.batch_size if progress.batch < whole else batches.count % batches.batch_size
        routine, ports = self._bind(size)
        while progress.batch < total and not interrupt.signal and not progress.ended:
            if progress.batch == whole:
                size = batches.count % batches.batch_size
                routine, ports = self._bind(size)
            batches.load(order, progress.batch, ports)
            if stepwise:
                self._set_rates()
            self._step(routine, size)

    def load_next(self) -> tuple[NumpyRoutine, NDArray[np.int64]]:
        """Return the train routine with the next batch in it, and which samples that are; train nothing."""
        progress = self.progress
        epoch, batch = progress.epoch, progress.batch
        if batch == len(self._batches):  # stopped just before the epoch was closed
            epoch, batch = epoch + 1, 0
        rows = self._rows(epoch, batch)
        routine, ports = self._bind(len(rows))
        self._batches.load(self._batches.order(epoch), batch, ports)
        self._set_rates()
        return routine, rows

    def _rows(self, epoch: int, batch: int) -> NDArray[np.int64]:
        start = batch * self._batches.batch_size
        return self._batches.order(epoch)[start : start + self._batches.batch_size]

    def _set_rates(self) -> None:
        progress = self.progress
        self.rates.set(self.executable.scalars, progress.updates, progress.reductions)

    def _bind(self, size: int) -> tuple[NumpyRoutine, dict[str, Array]]:
        routine = self.executable.routine("train", size)
        return routine, {**routine.inputs, **routine.targets}

    def _step(self, routine: NumpyRoutine, size: int) -> None:
        """Run one update and keep account of it."""
        progress = self.progress
        routine.forward()
        loss = routine.loss.item() if routine.loss is not None else math.nan
        if not math.isfinite(loss):
            rows = self._rows(progress.epoch, progress.batch)
            raise explain_nonfinite(self.executable, routine, rows, progress)
        routine.backward()
        if self._norms is not None:
            self._norms.add()
        self._account.add(routine, size)  # before anything else takes the arena
        progress.batch += 1
        stepper = self.stepper
        if stepper.plain:
            routine.update()
            progress.updates += 1
            progress.clock += 1
        else:
            self._finish_step(routine, size)
        self._clock[()] = progress.clock
        progress.samples += size
        progress.previous_loss, progress.last_loss = progress.last_loss, loss
        for told in self.after_update:
            told()

    def _finish_step(self, routine: NumpyRoutine, size: int) -> None:
        """Update, or gather, as an optimizer wants that does more than one list says."""
        progress, stepper = self.progress, self.stepper
        if stepper.finish(routine, size, last=progress.batch == self._total):
            progress.updates += 1
            stepper.average_after_update(progress.updates)
        progress.clock = int(self._clock.item()) + 1

    def _finish_epoch(self) -> dict[str, Any]:
        """Close the epoch's account: its record, the best so far, and whether to stop."""
        progress = self.progress
        progress.epoch += 1
        record: dict[str, Any] = {
            "epoch": progress.epoch,
            "updates": progress.updates,
            "loss": self._account.total(),
            "last_batch": progress.last_loss,
            "lr": self.rates.at(progress.updates - 1, progress.reductions),
        }
        self.stepper.average_after_epoch(progress.epoch)
        if self._norms is not None:
            record["gradient_norms"] = self._norms.take(len(self._batches))
        progress.batch, progress.samples = 0, 0
        self._account.clear()
        if self._validation is not None:
            with self.stepper.averaged():
                record["validation"] = self._validation.run()
        record["seconds"] = round(progress.seconds, 6)
        self._plateau.take_in(progress, record)
        if self.watch.better(progress, record):
            self._remember_best()
        reason = self.watch.reason_to_stop(progress)
        if reason:
            self.stop(reason)
        if self.stopped:
            record["stopped"] = self.stopped
        return record

    def _remember_best(self) -> None:
        if self.best is None:
            self.best = copy_arrays(self.executable)
            return
        if not self._kept:
            self._kept = [(self.best[name], array) for name, array in self._live.items()]
        for kept, live in self._kept:
            np.copyto(kept, live)


def _contradiction() -> ArtifactError:
    return ArtifactError(
        "GN460",
        "the checkpoint cannot be resumed: its progress contradicts itself",
        help="use an older one of the run",
    )
