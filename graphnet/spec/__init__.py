"""Spec: YAML in, a validated declaration with every default written out."""

from graphnet.spec.load import load_spec as load_spec
from graphnet.spec.load import read_spec_text as read_spec_text
from graphnet.spec.load import spec_folder as spec_folder
from graphnet.spec.model import LayerSpec as LayerSpec
from graphnet.spec.model import LossSpec as LossSpec
from graphnet.spec.model import Spec as Spec
from graphnet.spec.model import TensorSpec as TensorSpec
from graphnet.spec.names import name_from_stem as name_from_stem
from graphnet.spec.nodes import MapNode as MapNode
from graphnet.spec.nodes import plain_of as plain_of
from graphnet.spec.overrides import apply_overrides as apply_overrides
from graphnet.spec.plain_data import from_plain as from_plain
from graphnet.spec.reader import read_text as read_text
from graphnet.spec.schema import json_schema as json_schema
from graphnet.spec.spec_file import read_file as read_file
from graphnet.spec.validate import validate as validate
from graphnet.spec.writer import to_yaml as to_yaml
