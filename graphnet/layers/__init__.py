"""Layers: what users name, each a forward-only composition of ops."""

from graphnet.layers.layer import Initial as Initial
from graphnet.layers.layer import Layer as Layer
from graphnet.layers.layer import LayerError as LayerError
from graphnet.layers.layer import Parameter as Parameter
from graphnet.layers.parametrization import PARAMETRIZATIONS as PARAMETRIZATIONS
from graphnet.layers.parametrization import Parametrization as Parametrization
from graphnet.layers.parametrization import put_together as put_together
from graphnet.layers.parametrization import taken_apart as taken_apart
from graphnet.layers.table import LAYERS as LAYERS
