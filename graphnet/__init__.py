"""graphnet: neural networks known in full before they run.

The names below are loaded when they are first used, so that `graphnet --help` need not import NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphnet.version import __version__ as __version__

if TYPE_CHECKING:
    from graphnet.api import Callback as Callback
    from graphnet.api import Network as Network
    from graphnet.api import compile as compile  # noqa: A004 - the name users call
    from graphnet.api import draw as draw
    from graphnet.api import learning_rates as learning_rates
    from graphnet.api import load as load
    from graphnet.api import predict as predict
    from graphnet.api import train as train

_OFFERED = ("Callback", "Network", "compile", "draw", "learning_rates", "load", "predict", "train")


def __getattr__(name: str) -> Any:
    if name == "sklearn":  # the module is found as soon as it is imported
        import graphnet.sklearn  # noqa: PLC0415 - an extra

        return graphnet.sklearn
    if name == "sweep":
        from graphnet.sweeps import sweep  # noqa: PLC0415 - as below

        return sweep
    if name not in _OFFERED:
        raise AttributeError(f"module 'graphnet' has no attribute {name!r}")
    import graphnet.api  # noqa: PLC0415 - see the module's docstring

    return getattr(graphnet.api, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_OFFERED, "sweep"])
