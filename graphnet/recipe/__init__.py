"""What a run does besides computing: its data and its training, declared once for spec and runner."""

from graphnet.recipe.data import FORMATS as FORMATS
from graphnet.recipe.data import PARTS as PARTS
from graphnet.recipe.data import Data as Data
from graphnet.recipe.data import Source as Source
from graphnet.recipe.generators import GENERATORS as GENERATORS
from graphnet.recipe.generators import Generator as Generator
from graphnet.recipe.matching import SAMPLE_WEIGHT as SAMPLE_WEIGHT
from graphnet.recipe.matching import Chosen as Chosen
from graphnet.recipe.matching import MatchError as MatchError
from graphnet.recipe.matching import match as match
from graphnet.recipe.splits import AUGMENTATIONS as AUGMENTATIONS
from graphnet.recipe.splits import SAMPLERS as SAMPLERS
from graphnet.recipe.splits import Augmentation as Augmentation
from graphnet.recipe.splits import Sampler as Sampler
from graphnet.recipe.splits import Split as Split
from graphnet.recipe.training import Checkpointing as Checkpointing
from graphnet.recipe.training import EarlyStopping as EarlyStopping
from graphnet.recipe.training import Initialization as Initialization
from graphnet.recipe.training import Stop as Stop
from graphnet.recipe.training import Threshold as Threshold
from graphnet.recipe.training import Training as Training
from graphnet.recipe.training import Weights as Weights
from graphnet.recipe.transforms import TRANSFORMS as TRANSFORMS
from graphnet.recipe.transforms import Transform as Transform
