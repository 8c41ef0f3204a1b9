"""`python -m graphnet` is the same as `graphnet`."""

from graphnet.cli.main import main

if __name__ == "__main__":
    main()
