"""The book with another version of one mapping: what a message is read with when a person has chosen a version."""

from collections.abc import Mapping
from dataclasses import replace

from gateway.config.yaml import load, marks, plain
from gateway.mapping.compiler import DocumentMapping, compile_mapping
from gateway.mapping.rules import Layer
from gateway.pipeline.book import Book

Chosen = tuple[str, tuple[tuple[str, str], ...]]  # (family/TYPE, (path, text) of its layers, the standard first)
_LATEST: dict[tuple[str, str, Chosen], DocumentMapping] = {}  # of this process; a replay of many has one version
KEPT = 8


def with_chosen(book: Book, partner: str, chosen: Chosen | None) -> Book:
    """Return book with the chosen layers for that mapping of partner; code and lookup tables stay as they are in force.

    A mapping that is not agreed any more is not brought back. Raises OurFault mapping.* when it does not compile.
    """
    if chosen is None or (partner, chosen[0]) not in book.mappings:
        return book
    key = (book.digest, partner, chosen)
    if key not in _LATEST:
        while len(_LATEST) >= KEPT:
            _LATEST.pop(next(iter(_LATEST)))
        _LATEST[key] = compiled(book, book.mappings[partner, chosen[0]], chosen)
    mappings: Mapping[tuple[str, str], DocumentMapping] = {**book.mappings, (partner, chosen[0]): _LATEST[key]}
    return replace(book, mappings=mappings)


def compiled(book: Book, present: DocumentMapping, chosen: Chosen) -> DocumentMapping:
    """Compile layers with the tables of the present mapping. Raises OurFault mapping.*."""
    nodes = [(path, load(text, path)) for path, text in chosen[1]]
    layers = [Layer(path=path, rules=plain(node), marks=marks(node)) for path, node in nodes]
    return compile_mapping(
        chosen[0], layers, directories=book.directories, codes=present.codes, lookups=present.lookups
    )
