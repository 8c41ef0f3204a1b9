"""The Python face of graphnet."""

from graphnet.api.benchmark import benchmark as benchmark
from graphnet.api.gradient_check import check_gradients as check_gradients
from graphnet.api.network import Network as Network
from graphnet.api.offer import compile as compile  # noqa: A004 - the name users call
from graphnet.api.offer import draw as draw
from graphnet.api.offer import learning_rates as learning_rates
from graphnet.api.offer import load as load
from graphnet.api.offer import predict as predict
from graphnet.api.offer import resolved_yaml as resolved_yaml
from graphnet.api.offer import train as train
from graphnet.api.overlays import OVERLAYS as OVERLAYS
from graphnet.api.overlays import overlay_of as overlay_of
from graphnet.api.overlays import time_text as time_text
from graphnet.api.pass_trace import PassChange as PassChange
from graphnet.api.pass_trace import trace_passes as trace_passes
from graphnet.api.profile import Profile as Profile
from graphnet.api.profile import Timing as Timing
from graphnet.api.profile import profile as profile
from graphnet.api.report import write_report as write_report
from graphnet.api.run_plots import plot_run as plot_run
from graphnet.api.run_plots import plot_saved as plot_saved
from graphnet.api.run_view import RunView as RunView
from graphnet.api.self_tests import find_learning_rate as find_learning_rate
from graphnet.api.self_tests import overfit_batch as overfit_batch
from graphnet.training import Callback as Callback
