"""EDIFACT bytes to segments and back: the front of the modules edifact_*."""

from gateway.codecs.edifact_charset import CODECS
from gateway.codecs.edifact_marks import DEFAULT_MARKS, LEVEL_B_MARKS, SYNTAX_4_MARKS, Marks, split_segment
from gateway.codecs.edifact_pydifact import from_pydifact, to_pydifact
from gateway.codecs.edifact_read import DEFAULT_LIMITS, Limits, SegmentReader
from gateway.codecs.edifact_rewrite import rewrite
from gateway.codecs.edifact_write import write_segments

__all__ = [
    "CODECS",
    "DEFAULT_LIMITS",
    "DEFAULT_MARKS",
    "LEVEL_B_MARKS",
    "SYNTAX_4_MARKS",
    "Limits",
    "Marks",
    "SegmentReader",
    "from_pydifact",
    "rewrite",
    "split_segment",
    "to_pydifact",
    "write_segments",
]
