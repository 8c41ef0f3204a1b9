"""Validation: the tree of a spec to a `Spec`, every problem gathered before anything is raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from graphnet.declare import Choice, Flag, Integer, Kind, Text
from graphnet.errors import InternalError, Position, SpecError
from graphnet.ir import FLOATS
from graphnet.losses import Regularizer
from graphnet.optimizers import OPTIMIZERS, Constraint, Optimizer, Tuning
from graphnet.recipe import Data, Training
from graphnet.schedulers import Scheduler
from graphnet.spec.fields import WRONG, Place, check_keys, parse_value
from graphnet.spec.model import LayerSpec, LossSpec, Spec, TensorSpec
from graphnet.spec.names import check_spec_name
from graphnet.spec.nodes import ListNode, MapBuilder, MapNode, Node, positions_of
from graphnet.spec.problems import Problems
from graphnet.spec.resolved import SECTIONS, VERSIONS, plain_spec
from graphnet.spec.validate_data import check_early_stopping, read_data, read_training
from graphnet.spec.validate_layers import LayerReader
from graphnet.spec.validate_losses import Ends, check_types, read_losses, wants_targets
from graphnet.spec.validate_metrics import check_metrics, check_threshold, read_metrics
from graphnet.spec.validate_network import names_in, read_network
from graphnet.spec.validate_optimizer import (
    DEFAULT_OPTIMIZER,
    read_optimizer_section,
    read_scheduler_section,
    section_of,
)
from graphnet.spec.validate_rules import read_constraints, read_regularizers
from graphnet.spec.validate_sources import check_sources
from graphnet.spec.validate_tensors import read_tensors
from graphnet.spec.variables import Values, read_variables, substitute

if TYPE_CHECKING:
    from graphnet.metrics import Metric


def validate(root: MapNode, *, name: str = "network", problems: Problems | None = None) -> Spec:
    """Check a whole spec and write out its defaults.

    Args:
        root: The tree, as `read_text` or `from_plain` return it.
        name: The spec's name where it gives none.
        problems: What is already known to be wrong with it.

    Raises:
        GraphNetError: When one thing is wrong, with its place.
        SpecErrors: When several are, in the order of their lines.
    """
    gathered = Problems() if problems is None else problems
    try:
        spec = _Validation(root, gathered).spec(name)
    except SpecError as error:
        # Past a limit there is no going on; what was found before is still said.
        gathered.take(error)
        spec = None
    gathered.raise_all()
    if spec is None:
        raise InternalError("GN910", "a spec was refused without a reason", where=root.position)
    return spec


@dataclass
class _Found:
    """What has been read so far; empty where it is missing or wrong."""

    inputs: tuple[TensorSpec, ...] = ()
    targets: tuple[TensorSpec, ...] = ()
    layers: tuple[LayerSpec, ...] = ()
    outputs: tuple[str, ...] = ()
    losses: tuple[LossSpec, ...] = ()
    metrics: tuple[Metric, ...] = ()
    regularizers: tuple[Regularizer, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    optimizer: Optimizer | None = None
    tuning: Tuning = field(default_factory=Tuning)
    scheduler: Scheduler | None = None
    data: Data | None = None
    training: Training | None = None
    positions: dict[str, Position] = field(default_factory=dict)


class _Validation:
    """Reads the sections one after the other; each adds its problems and the next goes on."""

    def __init__(self, root: MapNode, problems: Problems) -> None:
        self._problems = problems
        self._place = Place("the spec", "the spec")
        top = replace(self._place, offer=section_of)
        root = check_keys(root, SECTIONS, problems, top)
        self._values = read_variables(root.get("variables"), problems)
        self._root = _substituted(root, self._values, problems)
        self._found = _Found()

    def spec(self, default_name: str) -> Spec | None:
        """Return the spec, or None where anything is wrong."""
        self._check_version()
        name = self._value("name", Text(), default_name)
        given = self._root.get("name")
        if given is not None and name is not WRONG:
            check_spec_name(name, given.position, self._problems)
        description = self._value("description", Text(), "")
        dtype = self._value("dtype", Choice(FLOATS), FLOATS[0])
        seed = self._value("seed", Integer(0), 0)
        expanded = self._value("expanded", Flag(), False)
        reader = self._read_network(FLOATS[0] if dtype is WRONG else dtype, expanded is True)
        self._read_learning(reader)
        self._read_run()
        found = self._found
        if len(self._problems) or found.training is None:
            return None
        for section in self._root.items:
            found.positions |= positions_of(self._root.items[section], section)
        spec = Spec(
            name=name,
            description=description,
            dtype=dtype,
            seed=seed,
            inputs=found.inputs,
            targets=found.targets,
            layers=found.layers,
            outputs=found.outputs,
            losses=found.losses,
            metrics=found.metrics,
            regularizers=found.regularizers,
            constraints=found.constraints,
            optimizer=found.optimizer,
            tuning=found.tuning,
            scheduler=found.scheduler,
            data=found.data,
            training=found.training,
            plain={},
            positions=found.positions,
        )
        return replace(spec, plain=plain_spec(spec))

    def _value(self, key: str, kind: Kind, default: Any) -> Any:
        """Return a single top-level value; one without a value counts as left out."""
        node = self._root.get(key)
        if node is None:
            return default
        return parse_value(node, kind, self._problems, self._place, key)

    def _check_version(self) -> None:
        node = self._root.get("graphnet")
        version = None if node is None else getattr(node, "value", None)
        if type(version) is int and version in VERSIONS:
            return
        known = ", ".join(str(number) for number in VERSIONS)
        if node is None:
            message = "the spec does not say which version of the language it is in"
        else:
            message = f"language version {version!r} is not supported"
        self._problems.add(
            "GN115",
            message,
            (node or self._root).position,
            label=f"expected {known}" if node else "needs 'graphnet'",
            help="write graphnet: 1 as the first line",
            notes=[f"supported versions: {known}"],
        )

    def _read_network(self, dtype: str, expanded: bool) -> LayerReader | None:
        root, found, problems = self._root, self._found, self._problems
        if (inputs := root.get("inputs")) is not None:
            found.inputs = read_tensors(inputs, "input", dtype, problems, found.positions)
        if (targets := root.get("targets")) is not None:
            found.targets = read_tensors(targets, "target", dtype, problems, found.positions)
        network = read_network(root, self._values, problems, expanded=expanded)
        if network is None:
            return None
        found.layers, reader = network
        found.outputs = reader.outputs(root.get("outputs"))
        return reader

    def _read_learning(self, reader: LayerReader | None) -> None:
        """Read what is made small, and how, and how well it is done."""
        root, found, problems = self._root, self._found, self._problems
        targets = names_in(root.get("targets"))
        loss = root.get("loss")
        if loss is not None:
            self._read_losses(loss, targets, reader)
        for section in ("metrics", "regularizers", "optimizer", "constraints", "scheduler"):
            if loss is None and not _is_empty(root.get(section)):
                self._needs(section, "loss")
        resolve = reader.output if reader else None
        rules = root.get("regularizers")
        found.regularizers = read_regularizers(rules, resolve, problems, found.positions)
        found.constraints = read_constraints(root.get("constraints"), problems, found.positions)
        if (metrics := root.get("metrics")) is not None:
            found.metrics = read_metrics(metrics, problems, found.positions)
        if found.losses and reader is not None:
            ends = {"output": found.outputs, "target": targets}
            whole = (found.losses, found.targets, problems, found.positions)
            check_metrics(found.metrics, ends, *whole)
        optimizer = root.get("optimizer")
        if optimizer is not None:
            read = read_optimizer_section(optimizer, problems, found.positions)
            found.optimizer, found.tuning = read or (None, Tuning())
            self._check_accumulation(optimizer.position)
        elif loss is not None:
            found.optimizer = OPTIMIZERS[DEFAULT_OPTIMIZER]()
        if (scheduler := root.get("scheduler")) is not None:
            names = [metric.key for metric in found.metrics if metric.single]
            found.scheduler = read_scheduler_section(
                scheduler, found.optimizer, names, problems, found.positions
            )

    def _read_losses(self, loss: Node, targets: Sequence[str], reader: LayerReader | None) -> None:
        root, found, problems = self._root, self._found, self._problems
        if targets or not wants_targets(loss, unknown=False):
            inputs = names_in(root.get("inputs"))
            judged = Ends(reader.output if reader else None, found.outputs, targets, inputs)
            found.losses = read_losses(loss, judged, problems, found.positions)
            return
        if isinstance(root.get("targets"), (MapNode, type(None))):
            self._needs("loss", "targets")
        check_types(loss, problems)

    def _check_accumulation(self, where: Position) -> None:
        """Refuse to gather gradients of a loss that is partly a mean: no weight of a batch would be right."""
        found = self._found
        if found.tuning.accumulate > 1 and len({t.loss.over_batches for t in found.losses}) > 1:
            self._problems.add(
                "GN125",
                "accumulate needs losses that are all means, or all sums",
                where,
                label="some average over a batch, some add up",
                help="give all the same reduction, or remove accumulate",
            )

    def _needs(self, section: str, other: str) -> None:
        """Say that a section means nothing without another."""
        self._problems.add(
            "GN121",
            f"{section!r} without {other!r}",
            self._root.keys[section],
            label=f"needs {other!r} too",
            help=f"add {other}:, or remove {section}:",
            notes=["a network that only predicts needs neither"],
        )

    def _read_run(self) -> None:
        root, found, problems = self._root, self._found, self._problems
        data = root.get("data")
        if data is not None:
            names = {key: names_in(root.get(key)) for key in ("inputs", "targets")}
            # Where a section is missing that the network needs, that is said once.
            loss = root.get("loss")
            wanting = loss is not None and wants_targets(loss)
            missing = {"inputs", "targets"} if wanting else {"inputs"}
            known = {key: own for key, own in names.items() if own or key not in missing}
            found.data = read_data(data, known, problems, found.positions)
            complete = all(len(getattr(found, key)) == len(own) for key, own in names.items())
            if found.data is not None and complete and (found.targets or root.get("loss") is None):
                check_sources(found.data, found.inputs, found.targets, problems, found.positions)
        found.training = read_training(root.get("training"), problems, found.positions)
        unknown = not _is_empty(root.get("metrics")) and not found.metrics
        if found.training is not None and not unknown:
            check_early_stopping(
                found.training, found.metrics, found.data, problems, found.positions
            )
        if found.training is not None:
            whole = (found.losses, found.targets, problems, found.positions)
            check_threshold(found.training, *whole)


def _is_empty(node: Node | None) -> bool:
    return node is None or (isinstance(node, ListNode) and not node.items)


def _substituted(root: MapNode, values: Values, problems: Problems) -> MapNode:
    """Return the tree with all variables replaced, but for blocks, whose parameters come first."""
    builder = MapBuilder()
    for key, node in root.items.items():
        apart = key in {"variables", "blocks"}
        value = node if apart else substitute(node, values, problems)
        builder.add(key, root.keys[key], value)
    return builder.build(root.position)
