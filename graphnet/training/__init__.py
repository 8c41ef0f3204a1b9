"""Training: runs, checkpoints, evaluation. Sees Programs, never specs or graphs."""

from graphnet.training.checkpoint import Checkpoint as Checkpoint
from graphnet.training.checkpoint import load as load_checkpoint
from graphnet.training.checkpoint import load_weights as load_weights
from graphnet.training.checkpoint import save as save_checkpoint
from graphnet.training.checkpoint import save_weights as save_weights
from graphnet.training.checkpoint_folder import CheckpointFolder as CheckpointFolder
from graphnet.training.evaluation import Evaluator as Evaluator
from graphnet.training.evaluation import declarations as declarations
from graphnet.training.evaluation import predict as predict
from graphnet.training.judging import Judged as Judged
from graphnet.training.judging import judged_by as judged_by
from graphnet.training.judging import metrics_of as metrics_of
from graphnet.training.parts import Parts as Parts
from graphnet.training.parts import load_part as load_part
from graphnet.training.parts import load_parts as load_parts
from graphnet.training.rates import Rates as Rates
from graphnet.training.run import Observer as Observer
from graphnet.training.run import Run as Run
from graphnet.training.run_directory import RunDirectory as RunDirectory
from graphnet.training.saved import SavedRun as SavedRun
from graphnet.training.saved import open_saved as open_saved
from graphnet.training.snapshot import copy_arrays as copy_arrays
from graphnet.training.snapshot import restore_arrays as restore_arrays
from graphnet.training.summary import Summary as Summary
