"""Schedulers: learning rates known before the run."""

from graphnet.schedulers.scheduler import Scheduler as Scheduler
from graphnet.schedulers.table import SCHEDULERS as SCHEDULERS
