"""The entry of the command line: `graphnet`, or `python -m graphnet`.

Until the command line is there to answer Ctrl-C, which takes the longest part of a second, it ends the
process without a word. So nothing is imported here before that is arranged.
"""

import os
import signal


def main() -> None:
    """Run the command line and exit with a documented code."""
    early = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if early:
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(130))
    from graphnet.cli.main import main as command_line  # noqa: PLC0415 - see above

    if early:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command_line()


if __name__ == "__main__":
    main()
