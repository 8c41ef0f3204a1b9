"""The command line's entry: finds the command, runs it, turns every ending into a named exit code."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from graphnet.cli.group import LazyGroup
from graphnet.cli.options import Output
from graphnet.cli.streams import flush_streams, open_streams
from graphnet.errors import GraphNetError, ResourceError
from graphnet.version import __version__

if TYPE_CHECKING:
    from types import TracebackType

OK, MISUSE, ENVIRONMENT, BUG, INTERRUPTED, PIPE_CLOSED = 0, 2, 4, 70, 130, 141

KNOWN_VARIABLES = ("GRAPHNET_CRASH_POINT",)
"""What tests use; nothing a user sets in the environment changes a run."""

EPILOG = """\b
Begin with
  graphnet compile specs/mlp.yaml
  graphnet train
  graphnet draw specs/mlp.yaml -o mlp.svg

`graphnet COMMAND --help` tells more of each."""


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.version_option(__version__, prog_name="graphnet", message="%(prog)s %(version)s")
def graphnet() -> None:
    """Train neural networks that are known in full before they run.

    A YAML file declares the network, its data and its training. graphnet checks it, plans every byte,
    compiles it to flat lists of instructions, and runs them.
    """


def main() -> None:
    """Run the command line and exit with a documented code."""
    open_streams()
    code = run(sys.argv[1:])
    flush_streams()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; nothing escapes but the code."""
    debug = "--debug" in arguments
    _warn_of_variables(arguments)
    try:
        result = graphnet.main(arguments, prog_name="graphnet", standalone_mode=False)
        code = result if isinstance(result, int) else OK
        if code == OK:  # else the code says more than a failure to say it
            sys.stdout.flush()
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except (click.Abort, KeyboardInterrupt):
        _tell("interrupted; nothing more was saved")
        return INTERRUPTED
    except click.ClickException as error:
        with suppress(OSError):
            error.show(sys.stderr)
        return MISUSE
    except (BrokenPipeError, SystemExit):
        # click turns a pipe whose reader has left into the latter; nothing else here raises it.
        return PIPE_CLOSED
    except GraphNetError as error:
        return _report(error, debug, arguments)
    except MemoryError:
        shortage = ResourceError(
            "GN532", "the machine's memory is used up", help="use a smaller batch_size"
        )
        return _report(shortage, debug, arguments)
    except OSError as error:
        refused = ResourceError("GN503", f"the system refused: {error.strerror or error}")
        return _report(refused, debug, arguments)
    except Exception as error:
        return _bug(error, debug)
    return code


def _warn_of_variables(arguments: list[str]) -> None:
    """Warn of environment variables that look as if they would do something."""
    if {"-q", "--quiet"} & set(arguments):
        return
    for name in sorted(os.environ):
        if name.startswith("GRAPHNET_") and name not in KNOWN_VARIABLES:
            _tell(f"warning: the environment variable {name} does nothing; use --set KEY=VALUE")


def _report(error: GraphNetError, debug: bool, arguments: list[str]) -> int:
    from graphnet.cli.report import show_error

    if debug:
        import traceback

        traceback.print_exc()
    output = Output(color=_typed(arguments, "--color") or "auto")
    with suppress(OSError):
        show_error(error, as_json=_typed(arguments, "--format") == "json", output=output)
    return error.exit_code


def _typed(arguments: list[str], option: str) -> str:
    """Return the value of an option as it was typed, also where no command came to read it."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if word == option:
            return following
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return ""


def _bug(error: Exception, debug: bool) -> int:
    import tempfile
    import traceback

    if debug:
        traceback.print_exc()
    trace: TracebackType | None = error.__traceback__
    text = "".join(traceback.format_exception(type(error), error, trace))
    report = ""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="graphnet-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(f"graphnet {__version__}, Python {sys.version}\n{text}")
            report = file.name
    except OSError:
        report = "(it could not be written)"
    _tell(f"error[GN900]: graphnet has a bug: {type(error).__name__}: {error}")
    _tell(f"   = note: what happened is described in {report}")
    _tell("   = help: please report it with that file; --debug shows it here")
    return BUG


def _tell(text: str) -> None:
    with suppress(OSError):
        click.echo(text, err=True)
