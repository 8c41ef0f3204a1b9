"""Sweeps: many small trainings of one spec with different settings, side by side and resumable."""

from graphnet.sweeps.space import Space as Space
from graphnet.sweeps.space import read_grid as read_grid
from graphnet.sweeps.space import read_random as read_random
from graphnet.sweeps.sweep import Sweep as Sweep
from graphnet.sweeps.sweep import SweepResult as SweepResult
from graphnet.sweeps.sweep import sweep as sweep
