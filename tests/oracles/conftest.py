"""Keeps what imports PyTorch out of the search for doctests: it is slow, and need not be installed."""

collect_ignore_glob = ["torch_*.py", "module_*.py"]
