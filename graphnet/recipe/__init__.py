"""What a run does besides computing: its data and its training, declared once for spec and runner."""

from graphnet.recipe.data import FORMATS as FORMATS
from graphnet.recipe.data import GENERATORS as GENERATORS
from graphnet.recipe.data import PARTS as PARTS
from graphnet.recipe.data import Data as Data
from graphnet.recipe.data import Source as Source
from graphnet.recipe.data import Split as Split
from graphnet.recipe.training import Checkpointing as Checkpointing
from graphnet.recipe.training import EarlyStopping as EarlyStopping
from graphnet.recipe.training import Initialization as Initialization
from graphnet.recipe.training import Stop as Stop
from graphnet.recipe.training import Training as Training
from graphnet.recipe.training import Weights as Weights
