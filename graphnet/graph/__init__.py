"""The layer DAG: built, ordered, every shape inferred."""

from graphnet.graph.network import Network as Network
from graphnet.graph.network import build_network as build_network
from graphnet.graph.order import natural_key as natural_key
