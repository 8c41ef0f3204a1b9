"""Run: one training with its directory: start or resume, train, save, judge, sum up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.backend import NumpyExecutable, initialize
from graphnet.errors import ArtifactError, GraphNetError, NumericError, ResourceError, UsageError
from graphnet.program import Program, program_bytes, relative, write_origin
from graphnet.recipe import Training
from graphnet.training.checkpoint import Checkpoint, load, save
from graphnet.training.checkpoint_folder import BEST, Found
from graphnet.training.evaluation import Evaluator
from graphnet.training.identity import training_identity
from graphnet.training.interrupt import Interrupt
from graphnet.training.judging import metrics_of
from graphnet.training.nonfinite import refuse_nonfinite
from graphnet.training.parts import Parts, load_parts
from graphnet.training.progress import Progress
from graphnet.training.run_directory import RunDirectory
from graphnet.training.snapshot import copy_arrays, restore_arrays
from graphnet.training.summary import Summary, describe, versions
from graphnet.training.threads import limited_threads
from graphnet.training.trainer import Trainer

METRICS_SECONDS = 1.0
"""How long lines of metrics.jsonl may wait to be written; checkpoints never overtake them."""


class Observer:
    """What a run tells about itself while it goes on; override what you want to hear."""

    def started(self, run: Run) -> None:
        """Take in that training begins or goes on."""

    def epoch(self, record: Mapping[str, Any]) -> None:
        """Take in the record of an epoch."""

    def note(self, text: str) -> None:
        """Take in a remark for the user."""


class Run:
    """One training of a Program in a directory."""

    def __init__(
        self,
        program: Program,
        folder: Path,
        directory: RunDirectory | Callable[[], RunDirectory],
        *,
        resume: bool = False,
        observer: Observer | None = None,
        spec_text: Callable[[Mapping[str, Any]], str] | None = None,
    ) -> None:
        """Load the data and allocate everything.

        Args:
            program: What is trained.
            folder: What relative data paths are relative to.
            directory: Where the run's files go; a function is only called once the data is there, so that
                a wrong path leaves no empty directory behind.
            resume: Go on from the newest whole checkpoint, if there is one.
            observer: Told what happens.
            spec_text: Turns the resolved spec into the text of spec.yaml; without it none is written.

        Raises:
            UsageError: When the Program has no loss (GN710) or names no data (GN715).
            DataError: When the data is wrong.
            ResourceError: When there is not the memory, or the directory cannot be used.
        """
        if "train" not in program.routines:
            raise UsageError(
                "GN710",
                f"{program.name!r} was compiled without a loss, it cannot train",
                help="give the spec a loss and targets",
            )
        self.program = program
        self.folder = folder
        self.observer = observer or Observer()
        self.training = Training.from_plain(program.spec["training"])
        self.parts: Parts = load_parts(program, folder)
        self.data_sha256 = self.parts.sha256()
        with np.errstate(all="ignore"):
            self.executable = NumpyExecutable(program)
        self.directory = directory() if callable(directory) else directory
        self._resume, self._spec_text = resume, spec_text
        self._saved_at = time.monotonic()
        self._written_at = time.monotonic()
        self._waiting: list[Mapping[str, Any]] = []
        self._best_saved = 0
        self._last_saved: Path | None = None

    def execute(self) -> Summary:
        """Train until done, stopped, interrupted or failed; what was reached is saved in each case.

        Raises:
            ResourceError: When a file cannot be written.
            ArtifactError: When the checkpoint to resume from does not fit.
        """
        threads = limited_threads(self.training.threads)
        with self.directory, Interrupt() as interrupt, threads as remark:
            if remark:
                self.observer.note(remark)
            self._folder = self.directory.checkpoints(self.training.checkpoint.keep)
            self._trainer = self._begin()
            self._write_description()
            self.observer.started(self)
            error: GraphNetError | None = None
            try:
                for record in self._trainer.epochs(interrupt):
                    self._after_epoch(record)
                refuse_nonfinite(self.executable, self._trainer.progress)
            except NumericError as failure:
                error = failure
            return self._end(interrupt, error)

    @property
    def trainer(self) -> Trainer:
        """The loop, once the run has begun."""
        return self._trainer

    def _begin(self) -> Trainer:
        """Start anew, or restore the newest whole checkpoint."""
        found = self._folder.newest()
        if found is not None and self._resume:
            return self._restore(found)
        if self._resume:
            self.observer.note(f"nothing to resume in {self.directory.path}; starting anew")
        self._clear(found)
        with np.errstate(all="ignore"):  # what overflows is found when the first loss is
            initialize(self.executable, self.training.initialization.stream)
        return Trainer(self.executable, self.training, self.parts, Progress())

    def _clear(self, found: Found | None) -> None:
        """Remove what an earlier run left in the directory before its first checkpoint.

        Raises:
            ResourceError: When it has a checkpoint: nothing that was trained is ever overwritten (GN514).
        """
        if found is not None:
            ended = found.checkpoint.state.get("progress", {}).get("ended")
            raise ResourceError(
                "GN514",
                f"{str(self.directory.path)!r} holds a run that is "
                f"{'finished' if ended else 'not finished'}",
                help="go on with it by --resume, or name another directory",
                notes=[f"its newest checkpoint is {found.path.name}", "it was left as it is"],
            )
        for path in self._folder.path.glob("*.safetensors"):
            path.unlink()
        self.directory.summary_path.unlink(missing_ok=True)
        self.directory.truncate_metrics(0)

    def _restore(self, found: Found) -> Trainer:
        for skipped in found.skipped:
            self.observer.note(f"skipped {skipped.path.name}: {skipped.error.message}")
        state = found.checkpoint.state
        self._refuse_other_training(state, found.path)
        progress = Progress.from_plain(state.get("progress"))
        restore_arrays(self.executable, found.checkpoint.tensors)
        refuse_nonfinite(self.executable, progress)
        if progress.ended == "finished" and progress.epoch < self.training.epochs:
            progress.ended = ""
        trainer = Trainer(self.executable, self.training, self.parts, progress)
        self._recall_best(trainer)
        self.directory.truncate_metrics(progress.epoch)
        self._last_saved = found.path
        place = f"epoch {progress.epoch}, update {progress.updates}"
        self.observer.note(f"going on from {found.path.name} ({place})")
        return trainer

    def _recall_best(self, trainer: Trainer) -> None:
        """Read the best weights so far; a run that is not to end with them can do without."""
        if not trainer.progress.best_epoch:
            return
        path = self._folder.best_path
        try:
            trainer.best = dict(load(path).tensors)
        except GraphNetError as error:
            if trainer.watch.restores_best:
                raise
            self.observer.note(f"skipped {path.name}: {error.message}")
        self._best_saved = trainer.progress.best_epoch

    def _refuse_other_training(self, state: Mapping[str, Any], path: Path) -> None:
        wanted = {"training": training_identity(self.program), "data": self.data_sha256}
        words = {"training": "another spec", "data": "other data"}
        for key, digest in wanted.items():
            if state.get(key) != digest:
                raise ArtifactError(
                    "GN462",
                    f"{path.name} was saved by a run of {words[key]}",
                    help="train in a new --run-dir, or undo the change",
                    notes=["only epochs, checkpoint, metrics and description may change on resume",
                           "the run was left as it is"],
                )  # fmt: skip

    def _write_description(self) -> None:
        write_origin(self.directory.program_path, self.folder)
        self.directory.write_program(program_bytes(self.program))
        if self._spec_text is not None:
            self.directory.write_spec(self._spec_text(self._moved_spec()))

    def _moved_spec(self) -> dict[str, Any]:
        """Return the resolved spec with its data paths as seen from the run's directory."""
        spec = dict(self.program.spec)
        data = {part: source and dict(source) for part, source in (spec.get("data") or {}).items()}
        for source in data.values():
            if source and source.get("path"):
                path = relative(self.folder / source["path"], self.directory.path)
                source["path"] = path.as_posix()
        return {**spec, "data": data} if data else spec

    def _after_epoch(self, record: Mapping[str, Any]) -> None:
        self._waiting.append(record)
        self.observer.epoch(record)
        now = time.monotonic()
        every, progress = self.training.checkpoint, self._trainer.progress
        due = progress.epoch % every.epochs == 0 and now - self._saved_at >= every.seconds
        if due and not progress.ended:
            self._save()
        elif now - self._written_at >= METRICS_SECONDS:
            self._write_metrics()

    def _write_metrics(self) -> None:
        if self._waiting:
            self.directory.append_metrics(*self._waiting)
        self._waiting = []
        self._written_at = time.monotonic()

    def _save(self) -> None:
        """Save the run: the lines of its epochs, its best weights, then the state to go on from."""
        trainer = self._trainer
        refuse_nonfinite(self.executable, trainer.progress)
        self._write_metrics()
        # The best goes first: a state never speaks of a best that is not there.
        if trainer.best is not None and trainer.progress.best_epoch != self._best_saved:
            best = Checkpoint(trainer.best, {**self._state(), "best": True})
            save(self._folder.best_path, best)
            self._best_saved = trainer.progress.best_epoch
        self._last_saved = self._folder.save(
            Checkpoint(copy_arrays(self.executable), self._state())
        )
        self._saved_at = time.monotonic()

    def _state(self) -> dict[str, Any]:
        progress = self._trainer.progress
        return {
            "updates": progress.updates,
            "progress": progress.plain(),
            "training": training_identity(self.program),
            "data": self.data_sha256,
            "spec_sha256": self.program.spec_sha256,
            "result": BEST if self._ends_with_best else "",
            "columns": {name: list(read) for name, read in self.parts.train.columns.items()},
            "versions": versions(),
        }

    @property
    def _ends_with_best(self) -> bool:
        """Whether the run is over and its result are the best weights, not the last ones."""
        trainer = self._trainer
        return bool(trainer.progress.ended) and trainer.watch.restores_best and bool(trainer.best)

    def _end(self, interrupt: Interrupt, error: GraphNetError | None) -> Summary:
        """Save, judge the result on every part, and write the summary."""
        progress = self._trainer.progress
        if error is None:
            self._save()
        self._write_metrics()
        if error is None and self._ends_with_best and self._trainer.best is not None:
            restore_arrays(self.executable, self._trainer.best, weights_only=True)
            self._last_saved = self._folder.best_path
        status = "failed" if error else progress.ended or "interrupted"
        results: dict[str, Any] = {} if error else self._judge()
        plain = {
            **describe(self.program, progress, status, results),
            "data_sha256": self.data_sha256,
            "checkpoint": None if self._last_saved is None else str(self._last_saved),
        }
        self.directory.write_summary(plain)
        return Summary(plain, self.directory.path, interrupt.signal, error)

    def _judge(self) -> dict[str, Any]:
        metrics = metrics_of(self.program)
        return {
            name: Evaluator(self.executable, samples, metrics).run()
            for name, samples in self.parts.present().items()
        }
