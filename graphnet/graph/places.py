"""Places: where the values that a message is about were written, in the file or after `--set`."""

from __future__ import annotations

import re

from graphnet.errors import Position, listed
from graphnet.spec import LayerSpec, LossSpec, Spec

_SET = "--set "


def place_of(layer: LayerSpec, message: str) -> Position | None:
    """Return where the setting that a message names first was written; else the layer's type."""
    for word in re.findall(r"[a-z_]\w*", message):
        if word in layer.layer.settings() and word in layer.positions:
            return layer.positions[word]
    return layer.where


def place_of_loss(loss: LossSpec, message: str) -> Position | None:
    """Return where the setting of a loss that a message names first was written; else the loss's type."""
    for word in re.findall(r"[a-z_]\w*", message):
        if word in loss.loss.settings() and word in loss.positions:
            return loss.positions[word]
    return loss.where


def changes_of(spec: Spec, where: Position | None) -> str:
    """Return a note on all that `--set` put in place of the file's values, or an empty string.

    What does not fit is often not what was changed, so that no caret can point to it.
    """
    if where is not None and where.file.startswith(_SET):
        return ""
    known = [*spec.positions.values()]
    known += [place for layer in spec.layers for place in layer.positions.values()]
    found = dict.fromkeys(p.file for p in known if p.file.startswith(_SET))
    return f"changed by {listed(found)}" if found else ""
