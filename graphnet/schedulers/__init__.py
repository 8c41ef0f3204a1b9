"""Schedulers: learning rates and other settings, known before the run."""

from graphnet.schedulers.plateau import Plateau as Plateau
from graphnet.schedulers.plateau import ReduceLROnPlateau as ReduceLROnPlateau
from graphnet.schedulers.scheduler import PLATEAU as PLATEAU
from graphnet.schedulers.scheduler import Curve as Curve
from graphnet.schedulers.scheduler import Schedule as Schedule
from graphnet.schedulers.scheduler import Scheduler as Scheduler
from graphnet.schedulers.table import SCHEDULERS as SCHEDULERS
from graphnet.schedulers.table import plateau_of as plateau_of
from graphnet.schedulers.table import read_scheduler as read_scheduler
