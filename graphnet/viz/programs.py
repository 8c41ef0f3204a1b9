"""Turn DOT text into an image, with the `dot` program of Graphviz or with graphviz-pure.

The package `graphviz` knows what `dot` is called here. Both are started as programs of their own, with
a time limit: a layout can take very long, and what goes wrong in them must not take this process along.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence

from graphnet.errors import ResourceError, listed
from graphnet.viz.labels import printable

IMAGES = {"svg": b"<", "png": b"\x89PNG\r\n", "pdf": b"%PDF"}
"""Formats of images, and how their files begin."""
TIME_LIMIT = 30.0
"""Seconds a program may take."""

_DOTS_PER_INCH = "150"
_INSTALL = {"darwin": "brew install graphviz", "win32": "winget install graphviz"}
_INSTALL_ELSEWHERE = "apt-get install graphviz"
_INSTALL_PURE = 'pip install "graphnet[dot]"'
_REFUSAL = "not recognized"
"""What both programs say of a format that they were built without."""
_HARMLESS = ("metrics", "no value for width", "fontconfig", "pango")
"""Words of warnings that only say how the width of letters was guessed."""
_QUOTED_LINES = 6
_QUOTED_WIDTH = 160


def image_bytes(dot: str, format: str) -> tuple[bytes, list[str]]:  # noqa: A002 - the users' word
    """Return the image of a DOT text, and the program's warnings.

    Args:
        dot: The text.
        format: `svg`, `png` or `pdf`.

    Raises:
        ResourceError: GN521 where no program can write the format, GN522 where one fails.
    """
    unable = []
    for program, path in _installed():
        done = _run(program, path, dot, format)
        said = _quoted(program, done.stderr)
        if done.returncode and _REFUSAL in done.stderr.decode(errors="replace"):
            unable.append(program)
        elif done.returncode:
            raise ResourceError("GN522", f"{program} {_ending(done.returncode)}", notes=said)
        elif not done.stdout.startswith(IMAGES[format]):
            raise ResourceError("GN522", f"{program} wrote no {format}", notes=said)
        else:
            return done.stdout, [line for line in said if not _is_harmless(line)]
    raise _missing(format, unable)


def _installed() -> Iterator[tuple[str, str]]:
    """Yield name and path of every program there is; the original comes first.

    The folder of installed commands is searched as well: it is not on the path where a virtual
    environment is used without being activated.
    """
    from graphviz import DOT_BINARY  # noqa: PLC0415 - only images need it

    for program in (str(DOT_BINARY), "graphviz-pure"):
        path = shutil.which(program)
        if path is None and program == "graphviz-pure":
            path = shutil.which(program, path=sysconfig.get_path("scripts"))
        if path is not None:
            yield program, path


def _run(
    program: str,
    path: str,
    dot: str,
    format: str,  # noqa: A002 - the users' word
) -> subprocess.CompletedProcess[bytes]:
    command = [path, f"-T{format}"]
    if format == "png":
        command.append(f"-Gdpi={_DOTS_PER_INCH}")
    try:
        return subprocess.run(  # noqa: S603 - no shell, and nothing of the spec but its standard input
            command, input=dot.encode(), capture_output=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ResourceError(
            "GN522",
            f"{program} was stopped after {TIME_LIMIT:g} seconds",
            help="draw a smaller part, or write txt or mmd",
            notes=_quoted(program, error.stderr or b""),
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ResourceError(
            "GN522", f"{program} cannot be started: {reason}", notes=[path]
        ) from error


def _ending(status: int) -> str:
    return f"was ended by signal {-status}" if status < 0 else f"failed with status {status}"


def _missing(format: str, unable: Sequence[str]) -> ResourceError:  # noqa: A002 - the users' word
    """Return the error for a format that nothing here can write, with the line that cures it."""
    install = _INSTALL.get(sys.platform, _INSTALL_ELSEWHERE)
    if not unable:
        cure = install if format == "pdf" else f"{install}, or {_INSTALL_PURE}"
        return ResourceError("GN521", f"{format} needs Graphviz, which is not installed", help=cure)
    return ResourceError(
        "GN521", f"{format} needs Graphviz; {listed(unable)} cannot write it", help=install
    )


def _quoted(program: str, said: bytes) -> list[str]:
    """Return the last lines a program wrote to its standard error, as notes."""
    lines = [line.strip() for line in printable(said.decode(errors="replace")).split("\n")]
    shown = [line[:_QUOTED_WIDTH] for line in lines if line][-_QUOTED_LINES:]
    return [f"{program} said: {line.removeprefix(f'{program}: ')}" for line in shown]


def _is_harmless(line: str) -> bool:
    return any(word in line.lower() for word in _HARMLESS)
