"""Keeps what imports PyTorch out of the search for doctests: it is slow, and need not be installed."""

collect_ignore = [
    "torch_model.py",
    "torch_ops.py",
    "torch_sequences.py",
    "module_calls.py",
    "module_samples.py",
    "module_comparison.py",
]
