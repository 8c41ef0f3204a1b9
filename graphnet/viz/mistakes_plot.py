"""A sheet of the worst mistakes: the images a network was surest about and wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.errors import UsageError
from graphnet.viz.plot_style import BLUE, GREY, panels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Floats = NDArray[np.floating[Any]]

MOST = 24
_COLUMNS = 8


def worst_mistakes(
    images: Array,
    shares: Floats,
    labels: Array,
    class_names: Sequence[str],
    path: Path,
    *,
    what: str,
) -> int:
    """Draw the misclassified images with the least probability of their true class first.

    Args:
        images: (n, height, width), or (n, channels, height, width) with 1 or 3 channels.
        shares: Probability of each class, (n, classes).
        labels: True classes, whole numbers (n,).
        class_names: Names of the classes.
        path: The PNG to write.
        what: The set that is judged.

    Returns:
        How many mistakes there are; with none, nothing is written.

    Raises:
        UsageError: GN733 when the arrays are no images.
        ResourceError: As `plot`.
    """
    import numpy as np  # noqa: PLC0415 - this package also draws graphs, without arrays

    if not are_images(images.shape):
        raise UsageError("GN733", f"inputs of shape {images.shape[1:]} are no images")
    decided = shares.argmax(axis=1)
    wrong = np.flatnonzero(decided != labels)
    if not len(wrong):
        return 0
    given = shares[wrong, labels[wrong]]
    chosen = wrong[np.argsort(given, kind="stable")][:MOST]
    columns = min(_COLUMNS, max(4, len(chosen)))
    rows = -(-len(chosen) // columns)
    title = f"Worst mistakes, {what}: {len(wrong)} of {len(labels)} are wrong"
    with panels(path, title, (0.4 + 1.25 * columns, 0.9 + 1.85 * rows), (rows, columns)) as every:
        for axes, index in zip(every, chosen, strict=False):
            axes.imshow(_picture(images[index]), cmap="gray", interpolation="nearest")
            axes.set_axis_off()
            told = class_names[decided[index]], shares[index, decided[index]]
            true = class_names[labels[index]], shares[index, labels[index]]
            axes.text(0.0, -0.22, f"{told[0]}  {told[1]:.0%}", color=BLUE, fontsize=9.0,
                      fontweight="bold", transform=axes.transAxes, va="center")  # fmt: skip
            axes.text(0.0, -0.42, f"is {true[0]}  {true[1]:.1%}", color=GREY, fontsize=8.0,
                      transform=axes.transAxes, va="center")  # fmt: skip
    return len(wrong)


def are_images(shape: Sequence[int]) -> bool:
    """Tell whether an array (n, ...) of this shape holds images: two sides of at least 4 elements."""
    sides = shape[1:] if len(shape) == 3 else shape[2:]
    flat = len(shape) == 3 or (len(shape) == 4 and shape[1] in (1, 3))
    return flat and min(sides) >= 4


def _picture(image: Array) -> Array:
    """Return an image as matplotlib takes it, its values spread from 0 to 1."""
    import numpy as np  # noqa: PLC0415

    plain = image.astype(np.float64)
    low, high = float(plain.min()), float(plain.max())
    plain = (plain - low) / (high - low or 1.0)
    if plain.ndim == 2:
        return plain
    return plain[0] if plain.shape[0] == 1 else np.moveaxis(plain, 0, -1)
