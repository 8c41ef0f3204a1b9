"""How tables declare their rows: kinds of values, settings, entries, tables."""

from graphnet.declare.combined import Either as Either
from graphnet.declare.combined import Listed as Listed
from graphnet.declare.combined import Mapped as Mapped
from graphnet.declare.combined import Optional as Optional
from graphnet.declare.elsewhere import bare as bare
from graphnet.declare.elsewhere import number_elsewhere as number_elsewhere
from graphnet.declare.elsewhere import renamed as renamed
from graphnet.declare.elsewhere import setting_elsewhere as setting_elsewhere
from graphnet.declare.elsewhere import type_elsewhere as type_elsewhere
from graphnet.declare.entry import MANY as MANY
from graphnet.declare.entry import Entry as Entry
from graphnet.declare.entry import Nested as Nested
from graphnet.declare.entry import Setting as Setting
from graphnet.declare.entry import Table as Table
from graphnet.declare.entry import UnknownName as UnknownName
from graphnet.declare.entry import setting as setting
from graphnet.declare.kinds import Choice as Choice
from graphnet.declare.kinds import Flag as Flag
from graphnet.declare.kinds import Integer as Integer
from graphnet.declare.kinds import Kind as Kind
from graphnet.declare.kinds import KindError as KindError
from graphnet.declare.kinds import Real as Real
from graphnet.declare.kinds import Text as Text
from graphnet.declare.kinds import spoken as spoken
from graphnet.declare.row import Row as Row
