"""Run: one training with its directory: start or resume, train, save, judge, sum up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.backend import NumpyExecutable
from graphnet.errors import GraphNetError, NumericError, UsageError
from graphnet.program import Program, program_bytes, relative, write_origin
from graphnet.recipe import PARTS, Training
from graphnet.training.callbacks import CallbackLike, Callbacks
from graphnet.training.checkpoint import load
from graphnet.training.checkpoint_folder import Found
from graphnet.training.evaluation import Evaluator
from graphnet.training.identity import training_identity
from graphnet.training.interrupt import Interrupt, StopAt
from graphnet.training.judging import metrics_of
from graphnet.training.nonfinite import blame_update, refuse_nonfinite
from graphnet.training.parts import Parts, load_parts
from graphnet.training.recorder import Recorder
from graphnet.training.run_directory import RunDirectory
from graphnet.training.snapshot import restore_arrays
from graphnet.training.starting import clear, refuse_other_training, restore, start_anew
from graphnet.training.summary import Summary, describe, versions
from graphnet.training.threads import limited_threads
from graphnet.training.thresholds import choose_thresholds
from graphnet.training.trainer import Trainer


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
        callbacks: Iterable[CallbackLike] = (),
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
            callbacks: Callbacks, or functions of (state, record) that are called after every epoch.

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
        self._callbacks = list(callbacks)

    def execute(self) -> Summary:
        """Train until done, stopped, interrupted or failed; what was reached is saved in each case.

        Raises:
            ResourceError: When a file cannot be written.
            ArtifactError: When the checkpoint to resume from does not fit.
            Exception: What a callback raised; everything up to then is saved, and the run can be resumed.
        """
        threads = limited_threads(self.training.threads)
        with self.directory, Interrupt() as interrupt, threads as remark:
            if remark:
                self.observer.note(remark)
            self._identity = self._describe_identity()
            self._trainer = self._begin()
            self._updates_before = self._trainer.progress.updates
            self._write_description()
            self._recorder = Recorder(
                self.directory, self.training.checkpoint, self._trainer, self._identity
            )
            self._recorder.last = self._resumed_from
            heard = Callbacks(self._callbacks, self._trainer, self.directory.path)
            self.observer.started(self)
            error: GraphNetError | None = None
            try:
                error = self._train(interrupt, heard)
                heard.end()
            except BaseException:
                if heard.failed:  # between two updates, so that everything is whole
                    self._end(interrupt, error)
                raise
            return self._end(interrupt, error)

    def _train(self, interrupt: Interrupt, heard: Callbacks) -> GraphNetError | None:
        """Run the loop, and return what made it fail."""
        recorder = self._recorder
        try:
            heard.begin()
            for record in self._trainer.epochs(interrupt):
                recorder.take(record)
                heard.epoch_end(record)
                self.observer.epoch(record)
                recorder.after_epoch()
            refuse_nonfinite(self.executable, self._trainer.progress)
        except NumericError as failure:
            if failure.spoiled:
                failure.notes += tuple(self._blame())
            return failure
        return None

    def _blame(self) -> list[str]:
        """Say which update, and which instruction of it, left what is not finite."""
        last, until = self._recorder.last, self._trainer.progress.updates
        if self._trainer.ends_with_best:
            self._recorder.save_best()

        def start() -> Trainer:
            given = (self.executable, self.training, self.parts)
            if last is None:
                return start_anew(*given, self.folder, lambda text: None)
            found = Found(last, load(last), ())
            return restore(*given, found, self._recorder.best_path, lambda text: None)

        def run(trainer: Trainer, updates: int) -> None:
            for _ in trainer.epochs(StopAt(trainer, updates)):
                pass

        return blame_update(start, until, run)

    @property
    def trainer(self) -> Trainer:
        """The loop, once the run has begun."""
        return self._trainer

    def _begin(self) -> Trainer:
        """Start anew, or restore the newest whole checkpoint."""
        directory, note = self.directory, self.observer.note
        folder = directory.checkpoints(self.training.checkpoint.keep)
        found = folder.newest()
        self._resumed_from: Path | None = None
        if found is None or not self._resume:
            if self._resume:
                note(f"nothing to resume in {directory.path}; starting anew")
            clear(directory, folder, found)
            return start_anew(self.executable, self.training, self.parts, self.folder, note)
        refuse_other_training(found.checkpoint.state, self._identity, found.path)
        trainer = restore(self.executable, self.training, self.parts, found, folder.best_path, note)
        progress = trainer.progress
        directory.truncate_metrics(progress.epoch)
        self._resumed_from = found.path
        place = f"epoch {progress.epoch}, update {progress.updates}"
        note(f"going on from {found.path.name} ({place})")
        return trainer

    def _describe_identity(self) -> dict[str, Any]:
        """Return what is the same in every checkpoint of the run."""
        return {
            "training": training_identity(self.program),
            "data": self.data_sha256,
            "spec_sha256": self.program.spec_sha256,
            "columns": {name: list(read) for name, read in self.parts.train.columns.items()},
            "transforms": self.parts.prepared.plain(),
            "versions": versions(),
        }

    def _write_description(self) -> None:
        write_origin(self.directory.program_path, self.folder)
        self.directory.write_program(program_bytes(self.program))
        if self._spec_text is not None:
            self.directory.write_spec(self._spec_text(self._moved_spec()))

    def _moved_spec(self) -> dict[str, Any]:
        """Return the resolved spec with its data paths as seen from the run's directory."""
        spec = dict(self.program.spec)
        data = dict(spec.get("data") or {})
        for part in PARTS:
            if (data.get(part) or {}).get("path"):
                data[part] = {**data[part], "path": self._moved(data[part]["path"])}
        return {**spec, "data": data} if data else spec

    def _moved(self, path: str | Mapping[str, str]) -> Any:
        if isinstance(path, str):
            return relative(self.folder / path, self.directory.path).as_posix()
        return {name: self._moved(one) for name, one in path.items()}

    def _end(self, interrupt: Interrupt, error: GraphNetError | None) -> Summary:
        """Save, judge the result on every part, and write the summary."""
        trainer, recorder = self._trainer, self._recorder
        thresholds: dict[str, float] = {}
        if error is None:
            if not trainer.ends_with_best:
                thresholds = self._choose()
            recorder.save()
            trainer.stepper.settle()
        recorder.write_metrics()
        last, judged = recorder.last, error is None
        if trainer.ends_with_best and trainer.best is not None:
            restore_arrays(self.executable, trainer.best, weights_only=True)
            thresholds = self._choose()
            recorder.save_best()
            last, judged = recorder.best_path, True
        status = "failed" if error else trainer.progress.ended or "interrupted"
        plain = {
            **describe(
                self.program, trainer.progress, status, self._judge(thresholds) if judged else {}
            ),
            **({"thresholds": thresholds} if thresholds else {}),
            "data": self.parts.describe(),
            "data_sha256": self.data_sha256,
            "checkpoint": None if last is None else str(last),
        }
        self.directory.write_summary(plain)
        if trainer.progress.updates != self._updates_before:
            self.directory.remove_pictures()  # they show weights and curves of before
        return Summary(plain, self.directory.path, interrupt.signal, error)

    def _choose(self) -> dict[str, float]:
        """Choose the thresholds of the weights there are, and let checkpoints have them."""
        judged = self.parts.validation or self.parts.train
        thresholds = choose_thresholds(self.executable, judged)
        if thresholds:
            self._recorder.note(thresholds=thresholds)
        return thresholds

    def _judge(self, thresholds: Mapping[str, float]) -> dict[str, Any]:
        metrics = metrics_of(self.program)
        return {
            name: Evaluator(self.executable, samples, metrics, thresholds).run()
            for name, samples in self.parts.present().items()
        }
