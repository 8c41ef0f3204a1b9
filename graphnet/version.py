"""The version, in a file that imports nothing so that `graphnet --version` is quick."""

__version__ = "0.1.0"
