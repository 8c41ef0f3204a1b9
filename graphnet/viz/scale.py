"""Round numbers along an axis, and how bytes, times and rates are written."""

from __future__ import annotations

_UNITS = (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def byte_ticks(most: int, parts: int = 5) -> list[tuple[int, str]]:
    """Return round byte counts from 0 up to the largest, with their texts in one unit.

    Example:
        >>> byte_ticks(3136)
        [(0, '0'), (1024, '1 KiB'), (2048, '2 KiB'), (3072, '3 KiB')]
    """
    unit, size = next(((u, s) for u, s in _UNITS if most >= 2 * s), ("bytes", 1))
    step = round_step(most / size / parts)
    if size == 1:
        step = max(step, 1.0)
    count = int(most / size / step + 1e-9)
    values = [step * number for number in range(count + 1)]
    return [(round(value * size), f"{value:g} {unit}" if value else "0") for value in values]


def index_ticks(count: int, column: float) -> list[tuple[int, str]]:
    """Return round indices below `count`, at least 38 units apart where one takes `column` of them."""
    step = max(1, int(round_step(38.0 / column)))
    return [(index, str(index)) for index in range(0, count, step)]


def round_step(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10, ... times a power of ten that is not below `least`.

    Example:
        >>> round_step(3.0), round_step(0.3), round_step(10.0)
        (5.0, 0.5, 10.0)
    """
    power = 1.0
    while power * 10 <= least:
        power *= 10
    while power > least:
        power /= 10
    return next(
        power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= 0.9999 * least
    )
