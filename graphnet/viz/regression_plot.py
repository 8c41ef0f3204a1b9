"""Predicted against true values, and what is left between them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.errors import UsageError
from graphnet.viz.plot_style import BLUE, FAINT, GREY, INK, bare, panels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


def predicted_against_true(true: Floats, predicted: Floats, path: Path, *, what: str) -> None:
    """Draw each prediction over its true value, and the errors beside it.

    Args:
        true: True values, (n,).
        predicted: Predictions, (n,).
        path: The PNG to write.
        what: The set that is judged.

    Raises:
        UsageError: GN733 when there are no values.
        ResourceError: As `plot`.
    """
    import numpy as np  # noqa: PLC0415 - this package also draws graphs, without arrays

    if not len(true):
        raise UsageError("GN733", "there are no values to plot")
    errors = predicted.astype(np.float64) - true
    spread = float(((true - true.mean(dtype=np.float64)) ** 2).sum())
    explained = 1.0 - float((errors**2).sum()) / spread if spread else float("nan")
    rms = float(np.sqrt((errors**2).mean()))
    low = float(min(true.min(), predicted.min()))
    high = float(max(true.max(), predicted.max()))
    margin = 0.04 * (high - low or 1.0)
    size = max(4.0, min(22.0, 6000.0 / len(true)))
    with panels(path, f"Predicted against true, {what}", (10.4, 5.0), (1, 2)) as (left, right):
        left.scatter(true, predicted, s=size, c=BLUE, alpha=0.55, linewidths=0)
        ends = [low - margin, high + margin]
        left.plot(ends, ends, color=INK, lw=1.0)
        left.set(xlim=ends, ylim=ends, xlabel="true", ylabel="predicted", aspect="equal")
        left.set_title(
            f"R2 {explained:.4f}, root mean square {rms:.4g}", loc="left", fontsize=10.5, color=INK
        )
        bare(left, "both")
        right.hist(
            errors,
            bins=min(60, max(10, len(errors) // 12)),
            color=BLUE,
            edgecolor="#ffffff",
            lw=0.5,
        )
        right.axvline(0.0, color=INK, lw=1.0)
        right.axvline(float(errors.mean()), color=GREY, lw=0.9, ls=(0, (2, 3)))
        right.set(xlabel="predicted - true", ylabel="samples")
        right.set_title(f"errors, mean {errors.mean():.3g}", loc="left", fontsize=10.5, color=INK)
        bare(right)
        right.grid(axis="y", color=FAINT)
