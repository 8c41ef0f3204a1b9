"""Pictures of networks and runs."""

from graphnet.viz.confusion_plot import confusion_matrix as confusion_matrix
from graphnet.viz.dot import dot_text as dot_text
from graphnet.viz.layers import draw_layers as draw_layers
from graphnet.viz.mermaid import mermaid_text as mermaid_text
from graphnet.viz.model import Drawing as Drawing
from graphnet.viz.model import Edge as Edge
from graphnet.viz.model import Legend as Legend
from graphnet.viz.model import Node as Node
from graphnet.viz.plots import decision_regions as decision_regions
from graphnet.viz.plots import loss_curve as loss_curve
from graphnet.viz.render import FORMATS as FORMATS
from graphnet.viz.render import format_of as format_of
from graphnet.viz.render import render as render
from graphnet.viz.render import to_bytes as to_bytes
from graphnet.viz.text import plain_text as plain_text
