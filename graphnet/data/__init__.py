"""Data: sources read and checked, samples in the declared types, splits and batches."""

from graphnet.data.batches import Batches as Batches
from graphnet.data.column_table import table_of as table_of
from graphnet.data.cures import as_in_training as as_in_training
from graphnet.data.declaration import Declaration as Declaration
from graphnet.data.first_values import first_values as first_values
from graphnet.data.first_values import unfit_first_values as unfit_first_values
from graphnet.data.generators import GENERATORS as GENERATORS
from graphnet.data.matching import match_columns as match_columns
from graphnet.data.prepared import Prepared as Prepared
from graphnet.data.sample_table import SampleTable as SampleTable
from graphnet.data.samples import Samples as Samples
from graphnet.data.samples import assemble as assemble
from graphnet.data.samples import load_samples as load_samples
from graphnet.data.samples import samples_from_arrays as samples_from_arrays
from graphnet.data.sets import Sets as Sets
from graphnet.data.sets import class_counts as class_counts
from graphnet.data.sets import load_sets as load_sets
from graphnet.data.sources import read_source as read_source
from graphnet.data.splits import split_rows as split_rows
