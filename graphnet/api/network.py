"""Network: a compiled network with live weights, in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from graphnet.api.arrays import NamedArrays
from graphnet.api.doors import (
    Door,
    Unmatched,
    by_name,
    changed_settings,
    checked_rate,
    fill,
    only_input,
    quick_count,
    refuse_unnamed,
    samples_of,
)
from graphnet.api.face import Face
from graphnet.backend import Array, NumpyExecutable, NumpyRoutine, initialize
from graphnet.data import first_values
from graphnet.errors import UsageError
from graphnet.ir import GRADIENT_OF
from graphnet.program import Program
from graphnet.recipe import Training
from graphnet.training import (
    Evaluator,
    Parts,
    Rates,
    load_parts,
    load_weights,
    metrics_of,
    predict,
    restore_arrays,
    save_weights,
)
from graphnet.training.callbacks import CallbackLike, Callbacks
from graphnet.training.interrupt import Interrupt
from graphnet.training.progress import Progress
from graphnet.training.rates import learning_rates_in
from graphnet.training.stepper import Stepper, loss_in
from graphnet.training.trainer import Trainer

Arrays = Mapping[str, ArrayLike]


class Network(Face):
    """A compiled network with live weights.

    Attributes:
        program: What was compiled: lists, buffers, memory plan.
        parameters: Writable NumPy views by name, torch's names and layouts; fill them with `[...] =`.
        buffers: Writable views of running statistics by name.
    """

    def __init__(self, program: Program, folder: Path | None = None, files: bool = True) -> None:
        """Allocate everything and draw the first weights of a compiled Program.

        Args:
            program: The Program.
            folder: What the spec's data paths are relative to.
            files: Whether first values that are in files are read.
        """
        self.program = program
        self._folder = folder or Path()
        self._executable = NumpyExecutable(program)
        self._turn = Lock()
        self._training = Training.from_plain(program.spec["training"])
        read = first_values(self._folder) if files else None
        initialize(self._executable, self._training.initialization.stream, read)
        self._doors = [Door.of(port) for port in (*program.inputs, *program.targets)]
        self.parameters = NamedArrays(self._executable.parameters, "parameter")
        self.buffers = NamedArrays(self._executable.statistics, "buffer")
        self._rates = learning_rates_in(self._executable.scalars)
        self._reset_rates()
        self._stepper = Stepper(self._executable)

    @property
    def memory_bytes(self) -> int:
        """Exact bytes allocated for parameters, states and all values of a step."""
        return self._executable.memory.nbytes

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all parameters and running statistics by name."""
        return {name: array.copy() for name, array in self._weights().items()}

    def load_state_dict(self, state: Arrays, strict: bool = True) -> Unmatched:
        """Set all parameters and running statistics; all of them, or none where something differs.

        Args:
            state: Arrays by name.
            strict: Refuse names that are missing or unknown; otherwise they are returned, as in torch.

        Raises:
            ArtifactError: When a name is missing or unknown, or a shape differs (GN461).
        """
        return fill(self._weights(), state, strict=strict)

    def forward(
        self, inputs: Arrays, *, training: bool = False, copy: bool = True
    ) -> dict[str, Array]:
        """Return the outputs for one batch.

        Args:
            inputs: Arrays (N, ...) by input name; N up to the compiled batch size.
            training: Behave as in training: dropout on, statistics of the batch.
            copy: Return copies; otherwise views that the next call overwrites.

        Raises:
            UsageError: When an input is missing or unknown, or the batch is too large.
            DataError: When a value does not fit its input.
        """
        with np.errstate(all="ignore"):
            routine = self._loaded("train" if training else "predict", inputs)
            routine.forward()
        if training:
            self._executable.streams.clock[()] += 1
        return {name: array.copy() if copy else array for name, array in routine.outputs.items()}

    def loss_and_gradients(
        self, inputs: Arrays, targets: Arrays, *, copy: bool = True
    ) -> tuple[float, dict[str, Array]]:
        """Return the loss of one batch and the gradients of all trainable parameters.

        Args:
            inputs: Arrays (N, ...) by input name.
            targets: Arrays (N, ...) by target name.
            copy: Return copies; otherwise views that the next call overwrites.

        Returns:
            The loss, and arrays by parameter name (by input name too, where compiled for that).

        Raises:
            UsageError: When an array is missing or unknown, or the batch is too large.
            DataError: When a value does not fit.
        """
        with np.errstate(all="ignore"):
            routine = self._loaded("train", inputs, targets)
            routine.forward()
            routine.backward()
        self._executable.streams.clock[()] += 1
        found = {
            name.removeprefix(GRADIENT_OF): array
            for name, array in self._executable.gradients.items()
        }
        kept = [name for name in routine.listing.keep if name.startswith(GRADIENT_OF)]
        found |= {name.removeprefix(GRADIENT_OF): routine.array(name) for name in kept}
        loss = loss_in(routine)
        return loss, {name: array.copy() if copy else array for name, array in found.items()}

    def train_step(self, inputs: Arrays, targets: Arrays, *, lr: float | None = None) -> float:
        """Run one update and return the loss before it.

        Args:
            inputs: Arrays (N, ...) by input name.
            targets: Arrays (N, ...) by target name.
            lr: Learning rate of this update; the optimizer's own by default.

        Raises:
            UsageError: When an array is missing or unknown, or there is no optimizer.
            DataError: When a value does not fit.
        """
        if not self._rates:
            raise UsageError("GN716", "the network has nothing to train or no optimizer")
        given = None if lr is None else checked_rate(lr)
        with np.errstate(all="ignore"):
            routine = self._loaded("train", inputs, targets)
            for rate in self._rates if given is not None else ():
                rate[()] = given
            loss = self._stepper.step(routine)
        if lr is not None:
            self._reset_rates()
        return loss

    def fit(
        self,
        inputs: Arrays | ArrayLike | None = None,
        targets: Arrays | ArrayLike | None = None,
        *,
        validation: tuple[Arrays | ArrayLike, Arrays | ArrayLike] | None = None,
        callbacks: Iterable[CallbackLike] = (),
        **training: Any,
    ) -> list[dict[str, Any]]:
        """Train on arrays, or on the spec's own data, in memory; no file is written.

        Args:
            inputs: Arrays (samples, ...) by input name, or one array where there is one input; the spec's
                data where left out.
            targets: Arrays (samples, ...) by target name, or one array where there is one target.
            validation: Inputs and targets to validate on after every epoch.
            callbacks: Callbacks, or functions of (state, record) that are called after every epoch.
            training: Settings that take the place of the spec's: epochs, batch_size, shuffle, ...

        Returns:
            One record per epoch: `epoch`, `updates`, `loss`, `last_batch`, `lr`, and `validation` where there
            is any.

        Raises:
            DataError: When the data does not fit.
            NumericError: When the loss is no longer finite.
        """
        settings = changed_settings(self._training, training)
        if inputs is None:
            parts = load_parts(self.program, self._folder)
        else:
            checked = None
            if validation is not None:
                checked = samples_of(self.program, *by_name(self.program, *validation))
            given = by_name(self.program, inputs, {} if targets is None else targets)
            parts = Parts(samples_of(self.program, *given), checked)
        trainer = Trainer(self._executable, settings, parts, Progress())
        heard = Callbacks(callbacks, trainer)
        try:
            heard.begin()
            with Interrupt() as interrupt:
                history = [heard.epoch_end(record) for record in trainer.epochs(interrupt)]
            heard.end()
        finally:  # however it ends, it ends with the best, or with the averaged weights
            trainer.stepper.adopt()
            if trainer.ends_with_best and trainer.best is not None:
                restore_arrays(self._executable, trainer.best, weights_only=True)
            self._reset_rates()
        return history

    def predict(self, inputs: Arrays | ArrayLike) -> dict[str, Array] | Array:
        """Return the outputs for any number of samples; threads may call it at once, and take turns.

        Args:
            inputs: Arrays (samples, ...) by input name, or one array where there is one input.

        Returns:
            Arrays (samples, ...) by output name; one array where one was given.
        """
        named = isinstance(inputs, Mapping)
        given = cast("Arrays", inputs if named else {only_input(self.program): inputs})
        found = predict(self._executable, samples_of(self.program, given).inputs, self._turn)
        return found if named else next(iter(found.values()))

    def evaluate(self, inputs: Arrays, targets: Arrays) -> dict[str, Any]:
        """Return `loss` and the spec's metrics over all samples.

        Args:
            inputs: Arrays (samples, ...) by input name.
            targets: Arrays (samples, ...) by target name.
        """
        samples = samples_of(self.program, inputs, targets)
        return dict(Evaluator(self._executable, samples, metrics_of(self.program)).run())

    def save(self, path: str | Path) -> None:
        """Write all parameters and running statistics as a safetensors file, by torch's names.

        Raises:
            ResourceError: When the file cannot be written.
        """
        save_weights(Path(path), self._weights())

    def load(self, path: str | Path) -> None:
        """Set all parameters and running statistics from a safetensors file.

        Raises:
            ArtifactError: When it is damaged or does not fit.
        """
        self.load_state_dict(load_weights(Path(path)))

    def _weights(self) -> dict[str, Array]:
        return {**self.parameters, **self.buffers}

    def _loaded(self, name: str, inputs: Arrays, *targets: Arrays) -> NumpyRoutine:
        """Return the routine bound for the batch, its inputs filled, and its targets where given."""
        refuse_unnamed(inputs, *targets)
        given = {**inputs, **targets[0]} if targets else inputs
        doors = self._doors if targets else self._doors[: len(self.program.inputs)]
        # What is not an input's name may still be a target's: that is said the thorough way.
        count = quick_count(given, doors) if len(inputs) == len(self.program.inputs) else None
        if count is None:
            samples = samples_of(self.program, inputs, *targets)
            given, count = {**samples.inputs, **samples.targets}, samples.count
        routine = self._executable.routine(name, count)
        for key, array in routine.inputs.items():
            np.copyto(array, given[key], casting="same_kind")
        if targets:
            for key, array in routine.targets.items():
                np.copyto(array, given[key], casting="same_kind")
        return routine

    def _reset_rates(self) -> None:
        Rates(self.program, 1).set(self._executable.scalars, 0)
