"""Loading: a path, text, standard input or a mapping to a `Spec`, all stages in one place."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from graphnet.errors import UsageError, article
from graphnet.spec.model import Spec
from graphnet.spec.names import name_from_stem
from graphnet.spec.nodes import MapNode
from graphnet.spec.overrides import apply_overrides
from graphnet.spec.plain_data import from_plain
from graphnet.spec.problems import Problems
from graphnet.spec.reader import read_text
from graphnet.spec.resolved import VERSIONS
from graphnet.spec.spec_file import read_file
from graphnet.spec.validate import validate

TEXT = "<text>"
"""What positions name as the file of a spec given as text."""


def load_spec(
    source: str | Path | Mapping[str, Any], overrides: Mapping[str, Any] | None = None
) -> Spec:
    """Read and check a spec.

    Args:
        source: Path of a spec; `-` for standard input; YAML text, which has line breaks; or the
            same as a Python mapping.
        overrides: Values by dotted path that replace those of the spec, such as
            `{"optimizer.lr": 3e-4}`; text is read as YAML.

    Returns:
        The spec with every default written out. Its name is the stem of the file where it gives
        none, and `network` where there is no file.

    Raises:
        SpecError: One thing is wrong with the spec.
        SpecErrors: Several things are, in the order of their lines.
        ResourceError: The file is missing, not a regular file, or cannot be read.
        UsageError: Standard input was asked for and is a terminal, or the source is something else.

    Example:
        >>> spec = load_spec(
        ...     {
        ...         "inputs": {"x": {"shape": [2]}},
        ...         "layers": {"linear1": {"type": "Linear", "out_features": 3}, "tanh1": "Tanh"},
        ...     },
        ...     overrides={"layers.linear1.out_features": "5"},
        ... )
        >>> spec.outputs, spec.plain["layers"]["linear1"]["out_features"]
        (('tanh1',), 5)
    """
    problems = Problems()
    if isinstance(source, Mapping):
        # A mapping comes from a program that runs this version; only files must say which they mean.
        root, name = from_plain({"graphnet": VERSIONS[-1], **source}, problems), "network"
    elif isinstance(source, str) and "\n" in source:
        root, name = read_text(source, TEXT, problems), "network"
    elif not isinstance(source, (str, PathLike)):
        raise UsageError(
            "GN741",
            f"{article(type(source).__name__)} is no spec: expected a path, YAML text or a mapping",
            help="write its layers as a spec; weights of a model of PyTorch come in by "
            "net.load_state_dict(model.state_dict())",
        )
    else:
        root, _ = read_file(source, problems)
        name = "network" if str(source) == "-" else name_from_stem(Path(source).stem)
    return _finished(root, name, overrides, problems)


def spec_folder(source: object) -> Path:
    """Return what the paths in a spec are relative to: its own folder, or the current one."""
    if isinstance(source, Path) or (
        isinstance(source, str) and "\n" not in source and source != "-"
    ):
        return Path(source).parent
    return Path()


def read_spec_text(text: str, file: str = TEXT, overrides: Mapping[str, Any] | None = None) -> Spec:
    """Read and check a spec given as text.

    Args:
        text: YAML.
        file: What errors name as the file; its stem is the default name of the spec.
        overrides: As for `load_spec`.

    Raises:
        SpecError: One thing is wrong with the spec.
        SpecErrors: Several things are, in the order of their lines.
    """
    problems = Problems()
    root = read_text(text, file, problems)
    name = "network" if file == TEXT else name_from_stem(Path(file).stem)
    return _finished(root, name, overrides, problems)


def _finished(
    root: MapNode, name: str, overrides: Mapping[str, Any] | None, problems: Problems
) -> Spec:
    changed = apply_overrides(root, overrides or {}, problems)
    return validate(changed, name=name, problems=problems)
