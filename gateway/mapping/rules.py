"""From the layers of a mapping, as written, to one flat list of rules: the effective mapping."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Plain = str | list["Plain"] | dict[str, "Plain"]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One YAML file. rules: nested dict, list and str; marks: (line, column) of each value by its path of keys.

    gateway.config.yaml gives both: plain(load(text, path)) and marks(load(text, path)).
    """

    path: str
    rules: Plain
    marks: Mapping[Path, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """kind decides which of the others are set: edifact directory, message, association; xml root, namespaces."""

    kind: Literal["edifact", "xml", "json"]
    directory: str = ""
    message: str = ""
    association: str = ""
    root: str = ""  # {namespace}Order
    namespaces: Mapping[str, str] = field(default_factory=dict)  # prefix -> namespace
