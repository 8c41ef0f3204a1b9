"""Checkpoints: all a run needs to go on, in one safetensors file with a digest over all of it.

The file's metadata holds `format`, `version`, `state` (canonical JSON) and `sha256`. The digest
covers the state and the name, dtype, shape and bytes of every tensor; the header must in addition
be exactly the one graphnet writes. So any changed bit is noticed before an array is built.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from graphnet.errors import ArtifactError
from graphnet.program import write_atomically
from graphnet.program.strict_json import JsonError, canonical, parse
from graphnet.training.safetensors_file import Array, Container, encode, lay_out, read_container
from graphnet.training.safetensors_header import Header, Tensor

FORMAT = "graphnet-checkpoint"
VERSION = "1"

_METADATA_KEYS = {"format", "version", "state", "sha256"}
_STATE_DEPTH = 64
_MOST_UPDATES = 10**10 - 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run at the end of an update.

    Attributes:
        tensors: Arrays by name, for example `parameter/linear1.weight` or `state/exp_avg`; float32,
            float64, int64, int32, uint8 or bool, of any shape.
        state: Plain JSON data: mappings with text keys, lists, text, finite numbers, truth values
            and nothing. `CheckpointFolder` needs `updates`, the optimizer steps taken so far.
    """

    tensors: Mapping[str, Array]
    state: Mapping[str, Any]

    @property
    def updates(self) -> int:
        """How many optimizer steps were taken.

        Raises:
            ArtifactError: When the state does not tell, or tells an impossible number (GN458).
        """
        updates = self.state.get("updates")
        if type(updates) is not int or not 0 <= updates <= _MOST_UPDATES:
            raise ArtifactError(
                "GN458",
                "'updates' in the state of the checkpoint is not a whole number "
                f"from 0 to {_MOST_UPDATES:,}",
            )
        return updates


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; the file at `path` is the old one or the new one at every moment.

    Raises:
        ArtifactError: When it holds what cannot be saved (GN457).
        ResourceError: When the file cannot be written (GN50x).
    """
    state = _state_text(checkpoint.state)
    tensors, pieces = lay_out(checkpoint.tensors)
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "state": state,
        "sha256": _digest(state, tensors, pieces),
    }
    write_atomically(path, chain([encode(Header(metadata, tensors))], pieces))


def load(path: Path) -> Checkpoint:
    """Read a checkpoint after checking all of it.

    Args:
        path: The file; symbolic links are refused.

    Returns:
        The checkpoint, its tensors as writable arrays that share no memory.

    Raises:
        ArtifactError: The file is something else (GN450), cut or prolonged (GN451), wrong (GN452),
            beyond a limit (GN453), altered (GN454), not a checkpoint (GN455), or of another version
            (GN456).
        ResourceError: The file cannot be read (GN50x).
    """
    container = read_container(path)
    state = _verified_state(path, container)
    return Checkpoint(container.arrays(), state)


def save_weights(path: Path, weights: Mapping[str, Array]) -> None:
    """Write arrays as a plain safetensors file, for any program to read.

    Raises:
        ArtifactError: When an array cannot be saved (GN457).
        ResourceError: When the file cannot be written (GN50x).
    """
    tensors, pieces = lay_out(weights)
    # Programs that share weights look for this note; it says that names and shapes are PyTorch's.
    header = Header({"format": "pt"}, tensors)
    write_atomically(path, chain([encode(header)], pieces))


def load_weights(path: Path) -> dict[str, Array]:
    """Read a plain safetensors file of any origin, after checking its layout.

    It has no digest: a flipped bit among the numbers goes unnoticed.

    Raises:
        ArtifactError: As for `load`; GN455 here says that the file is a checkpoint.
        ResourceError: The file cannot be read (GN50x).
    """
    container = read_container(path)
    if container.header.metadata.get("format") == FORMAT:
        raise ArtifactError(
            "GN455",
            f"{str(path)!r} is a checkpoint, not plain weights",
            help="name it where a checkpoint is expected",
        )
    return container.arrays()


def _state_text(state: Mapping[str, Any]) -> str:
    """Return the state as canonical JSON, if reading that gives the state again."""
    plain = dict(state)
    try:
        text = canonical(plain)
        same = parse(text, _STATE_DEPTH) == plain
    except JsonError as error:
        raise ArtifactError("GN457", f"the state cannot be saved: {error}") from error
    if not same:
        raise ArtifactError(
            "GN457",
            "the state cannot be saved: reading it would not give it back",
            help="use text as keys, and lists for sequences",
        )
    return text


def _digest(state: str, tensors: Iterable[Tensor], pieces: Iterable[memoryview]) -> str:
    """Return the sha256 over all that a checkpoint means."""
    # By name, because tensors without elements share their offset with others. The description
    # fixes how many bytes follow, so that nothing can move between it and them.
    described = sorted(
        [tensor.name, tensor.dtype, tensor.shape, tensor.start] for tensor in tensors
    )
    digest = hashlib.sha256(canonical([FORMAT, VERSION, state, described]).encode())
    digest.update(b"\n")
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _verified_state(path: Path, container: Container) -> dict[str, Any]:
    metadata = container.header.metadata
    if metadata.get("format") != FORMAT:
        raise ArtifactError(
            "GN455",
            f"{str(path)!r} holds tensors, but is not a graphnet checkpoint",
            help="load it as weights",
        )
    if metadata.get("version") != VERSION:
        raise ArtifactError(
            "GN456",
            f"{str(path)!r} has the checkpoint version {metadata.get('version')!r}",
            help="update graphnet, or use the one that wrote the file",
            notes=[f"this graphnet reads version {VERSION!r}"],
        )
    if metadata.keys() != _METADATA_KEYS or not container.is_canonical:
        raise _altered(path, "its header is not as graphnet writes it")
    text = metadata["state"]
    if metadata["sha256"] != _digest(text, container.header.tensors, [container.data]):
        raise _altered(path, "its content does not match its sha256")
    try:
        state = parse(text, _STATE_DEPTH)
    except JsonError as error:
        raise _altered(path, f"its state is not strict JSON: {error}") from error
    if not isinstance(state, dict):
        raise _altered(path, "its state is not a mapping")
    return state


def _altered(path: Path, why: str) -> ArtifactError:
    return ArtifactError(
        "GN454",
        f"{str(path)!r} is damaged or was altered: {why}",
        help="use an older checkpoint of the run",
    )
