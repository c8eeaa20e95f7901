"""Changes to a YAML file as text: one value set, added or taken out; comments, order and all the rest stay as written.

What comes out is read again and compared with what was meant: an edit that would change anything else is refused.
"""

import json
import re
from collections.abc import Sequence
from typing import cast

import yaml as pyyaml

from gateway.config.yaml import Path, Plain, load, plain
from gateway.model.faults import OurFault

_SAFE = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ._/@+-]*[A-Za-z0-9._/@+-])?\Z", re.ASCII)
_BREAKS = {each: f"\\u{ord(each):04x}" for each in "\x7f\x85\u2028\u2029\ufeff"}


def put(text: str, path: Path, value: Plain, file: str) -> str:
    """Return text with value at path: replaced, or added with what is missing above it. An index one behind the last of
    a list appends. file: for error texts. Raises OurFault config.* and config.edit-lost."""
    return _checked(_put(text, path, value, file), _meant(text, path, value, file), file)


def drop(text: str, path: Path, file: str) -> str:
    """Return text without the entry at path; what is empty then goes too. Nothing changes when there is none.

    Raises OurFault config.* and config.edit-lost."""
    tree = plain(load(text, file))
    if _found(tree, path) is None:
        return text
    while len(path) > 1 and len(cast("list[Plain] | dict[str, Plain]", _found(tree, path[:-1]))) == 1:
        path = path[:-1]
    meant = _meant(text, path, None, file)
    return _checked(_drop(text, path, file), meant, file)


def value_at(text: str, path: Path, file: str) -> Plain | None:
    """Return what stands at path, None when nothing does. Raises OurFault config.*."""
    return _found(plain(load(text, file)), path)


def flow(value: Plain) -> str:
    """Return value on one line, as it stands behind a key."""
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return "{" + ", ".join(f"{_scalar(key)}: {flow(each)}" for key, each in value.items()) + "}"


def _scalar(value: str) -> str:
    if _SAFE.match(value):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(_BREAKS.get(each, each) for each in quoted)


# --- what is meant ----------------------------------------------------------------------------------------------------


def _found(tree: Plain, path: Path) -> Plain | None:
    for key in path:
        if isinstance(tree, dict) and isinstance(key, str):
            found = tree.get(key)
        else:
            found = tree[key] if isinstance(tree, list) and isinstance(key, int) and key < len(tree) else None
        if found is None:
            return None
        tree = found
    return tree


def _meant(text: str, path: Path, value: Plain | None, file: str) -> Plain:
    """Return the data of text with value at path, None: without it."""
    return _with(plain(load(text, file)), path, value)


def _with(tree: Plain, path: Path, value: Plain | None) -> Plain:
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        items = list(tree) if isinstance(tree, list) else []
        if value is None and not rest:
            return items[:key] + items[key + 1 :]
        inner = items[key] if key < len(items) else ""
        return [*items[:key], _with(inner, rest, value) if rest else cast("Plain", value), *items[key + 1 :]]
    table = dict(tree) if isinstance(tree, dict) else {}
    if value is None and not rest:
        table.pop(key, None)
    else:
        table[key] = _with(table.get(key, ""), rest, value) if rest else cast("Plain", value)
    return table


def _checked(text: str, meant: Plain, file: str) -> str:
    if plain(load(text, file)) != meant:
        raise OurFault("config.edit-lost", at=file)
    return text


# --- places in the text -----------------------------------------------------------------------------------------------


def _tree(text: str, file: str) -> pyyaml.Node | None:
    load(text, file)  # refuses what is not YAML as we allow it: aliases, tags, repeated keys
    return pyyaml.compose(text, Loader=pyyaml.BaseLoader)


def _start(node: pyyaml.Node) -> int:
    return int(node.start_mark.index)


def _end(node: pyyaml.Node, text: str) -> int:
    """Return where node's own text ends: a block reaches to its last value, not to the next key."""
    if isinstance(node, pyyaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1], text)
    if isinstance(node, pyyaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1], text)
    end = int(node.end_mark.index)
    while end > _start(node) and text[end - 1] in " \r\n":
        end -= 1
    return end


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _walk(root: pyyaml.Node, path: Path) -> tuple[list[pyyaml.Node], list[pyyaml.Node | None]]:
    """Return the nodes on the way as far as there are any, the root first, and the key node of each."""
    nodes, keys = [root], cast("list[pyyaml.Node | None]", [None])
    for part in path:
        node = nodes[-1]
        if isinstance(node, pyyaml.MappingNode):
            pair = next((each for each in node.value if each[0].value == part), None)
            if pair is None:
                break
            keys.append(pair[0])
            nodes.append(pair[1])
        elif isinstance(node, pyyaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            keys.append(None)
            nodes.append(node.value[part])
        else:
            break
    return nodes, keys


def _put(text: str, path: Path, value: Plain, file: str) -> str:
    root = _tree(text, file)
    if root is None:
        return _below(text, len(text), _entry(path[0], _nested(path[1:], value), 0))
    nodes, keys = _walk(root, path)
    rest = path[len(nodes) - 1 :]
    if not rest:
        return _replaced(text, nodes[-1], keys[-1], value)
    node = nodes[-1]
    inner = _nested(rest[1:], value)
    if isinstance(node, pyyaml.ScalarNode):  # "channels:" with nothing behind it
        return _replaced(text, node, keys[-1], _nested(rest, value))
    assert isinstance(node, pyyaml.CollectionNode)
    if node.flow_style:
        entry = flow(inner) if isinstance(rest[0], int) else f"{_scalar(rest[0])}: {flow(inner)}"
        close = int(node.end_mark.index) - 1
        before = text[:close].rstrip()
        return before + (", " if node.value else "") + entry + text[close:]
    indent = int(node.start_mark.column)
    return _below(text, _line_end(text, _end(node, text)), _entry(rest[0], inner, indent, top=len(nodes) == 1))


def _nested(path: Sequence[str | int], value: Plain) -> Plain:
    for part in reversed(path):
        value = [value] if isinstance(part, int) else {part: value}
    return value


def _entry(key: str | int, value: Plain, indent: int, *, top: bool = True) -> str:
    """Return the line of an entry; a section at the top of the file has a line for each of its entries."""
    pad = " " * indent
    if isinstance(key, int):
        return f"{pad}- {flow(value)}"
    head = f"{pad}{_scalar(key)}:"
    if top and isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return "\n".join([head, *(f"{pad}  - {flow(each)}" for each in value)])
    if top and isinstance(value, dict) and any(isinstance(each, dict) for each in value.values()):
        return "\n".join([head, *(f"{pad}  {_scalar(name)}: {flow(each)}" for name, each in value.items())])
    return f"{head} {flow(value)}"


def _below(text: str, at: int, line: str) -> str:
    """Return text with line put behind the line that ends at `at`."""
    before, after = text[:at], text[at:]
    if before and not before.endswith("\n"):
        before += "\n"
    return f"{before}{line}{after if after.startswith(chr(10)) else chr(10) + after if after else chr(10)}"


def _replaced(text: str, node: pyyaml.Node, key: pyyaml.Node | None, value: Plain) -> str:
    start, end = _start(node), _end(node, text)
    block = isinstance(node, pyyaml.CollectionNode) and not node.flow_style
    if key is not None and (block or start == end):
        start = text.index(":", int(key.end_mark.index)) + 1
        return f"{text[:start]} {flow(value)}{text[max(start, end) :]}"
    return f"{text[:start]}{flow(value)}{text[end:]}"


def _drop(text: str, path: Path, file: str) -> str:
    root = _tree(text, file)
    assert root is not None  # something stands at path
    nodes, keys = _walk(root, path)
    parent, node, key = nodes[-2], nodes[-1], keys[-1]
    start = _start(key) if key is not None else _start(node)
    alone = text[_line_start(text, start) : start].strip() == ("-" if key is None else "")
    if (
        cast("pyyaml.CollectionNode", parent).flow_style or not alone
    ):  # a bracket, or a table that begins on the line of its list's dash
        left = _with(plain(load(text, file)), path, None)
        return _replaced(text, parent, keys[-2], cast("Plain", _found(left, path[:-1])))
    end = _line_end(text, _end(node, text))
    return text[: _line_start(text, start)] + text[min(end + 1, len(text)) :]
