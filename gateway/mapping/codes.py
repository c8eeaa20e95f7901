"""Code tables (two-way) and lookup tables (by key), read from CSV text."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.model.faults import OurFault


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTable:
    """Pairs of (canonical value, code on the wire).

    to_canonical  every code that is read
    to_wire       for each canonical value the code that is written: the first row that names it
    """

    name: str
    to_canonical: Mapping[str, str] = field(default_factory=dict)
    to_wire: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_pairs(cls, name: str, pairs: Iterable[tuple[str, str]]) -> "CodeTable":
        """Build from (canonical, code). A code that starts with ">" is written, never read.

        Raises OurFault mapping.code-clash when a code would mean two things.
        """
        to_canonical: dict[str, str] = {}
        to_wire: dict[str, str] = {}
        for canonical, code in pairs:
            if code.startswith(">"):
                to_wire.setdefault(canonical, code[1:])
                continue
            if to_canonical.setdefault(code, canonical) != canonical:
                raise OurFault("mapping.code-clash", table=name, value=code)
            to_wire.setdefault(canonical, code)
        return cls(name=name, to_canonical=to_canonical, to_wire=to_wire)

    @classmethod
    def from_csv(cls, name: str, text: str, column: str) -> "CodeTable":
        """Build from a CSV with a column `canonical` and one column per syntax; an empty cell has no code.

        A cell may hold several codes parted by a space: all are read, the first is written.
        Raises OurFault mapping.code-clash or mapping.table-column.
        """
        rows = csv.DictReader(io.StringIO(text))
        known = rows.fieldnames or ()
        if "canonical" not in known or column not in known:
            raise OurFault("mapping.table-column", table=name, value=column, known=", ".join(known))
        pairs = ((row["canonical"], code) for row in rows for code in (row[column] or "").split())
        return cls.from_pairs(f"{name}/{column}", pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupTable:
    """A partner's table: rows by the text of the first column. columns: names, the key column first."""

    name: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def from_csv(cls, name: str, text: str) -> "LookupTable":
        """Raises OurFault mapping.table-column when there is no header."""
        reader = csv.DictReader(io.StringIO(text))
        columns = tuple(reader.fieldnames or ())
        if not columns:
            raise OurFault("mapping.table-column", table=name, value="", known="")
        rows = {row[columns[0]]: {key: value or "" for key, value in row.items() if key} for row in reader}
        return cls(name=name, columns=columns, rows=rows)


def tables_from_csv(name: str, text: str) -> dict[str, CodeTable]:
    """Return one table per syntax column of a code file: {"units/edifact": ..., "units/ubl": ...}.

    Raises OurFault mapping.code-clash or mapping.table-column.
    """
    columns = csv.DictReader(io.StringIO(text)).fieldnames or ()
    wire = [column for column in columns if column not in ("canonical", "label_en", "label_zh")]
    return {f"{name}/{column}": CodeTable.from_csv(name, text, column) for column in wire}
