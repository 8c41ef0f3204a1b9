"""Programs: the sealed result of compilation, its memory plan, its file and its listing."""

from graphnet.program.atomic import open_regular as open_regular
from graphnet.program.atomic import read_bounded as read_bounded
from graphnet.program.atomic import write_atomically as write_atomically
from graphnet.program.cost import flops as flops
from graphnet.program.cost import total_flops as total_flops
from graphnet.program.listing import attribute_text as attribute_text
from graphnet.program.listing import instruction_columns as instruction_columns
from graphnet.program.listing import program_text as program_text
from graphnet.program.listing import routine_lines as routine_lines
from graphnet.program.memory_plan import Lifetime as Lifetime
from graphnet.program.memory_plan import MemoryPlan as MemoryPlan
from graphnet.program.memory_plan import aligned as aligned
from graphnet.program.memory_plan import lifetimes as lifetimes
from graphnet.program.memory_plan import plan_memory as plan_memory
from graphnet.program.origin import read_origin as read_origin
from graphnet.program.origin import relative as relative
from graphnet.program.origin import write_origin as write_origin
from graphnet.program.program import ARENA as ARENA
from graphnet.program.program import Judgement as Judgement
from graphnet.program.program import Port as Port
from graphnet.program.program import Program as Program
from graphnet.program.program import Routine as Routine
from graphnet.program.serialize import program_bytes as program_bytes
from graphnet.program.serialize import read_program as read_program
from graphnet.program.strict_json import JsonError as JsonError
from graphnet.program.strict_json import canonical as canonical
