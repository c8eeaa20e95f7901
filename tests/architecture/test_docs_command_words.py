"""Every command that a page names is one that there is, with options that it has. The guides and the tutorial are typed
for real (tests/journeys/test_docs_commands.py, test_portal_tutorial.py); here every other line is held against the
program: the pages of reference and explanation, in code blocks and within sentences.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway.cli.root import cli

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
# A line's first word, or behind what ends a command; two blanks end it, for a remark or another one.
PROGRAM = re.compile(
    r"(?:^|\s{2,}|[;&|(] ?|\bexec )(?:\.venv/bin/|/\S+/bin/)?gateway ((?:[^;&|<>)\n ]| (?! ))+)", re.MULTILINE
)


def named(page: Path) -> Iterator[str]:
    """Yield what stands behind the program's name in every command of a page."""
    text = page.read_text("utf-8")
    fenced = "\n".join(FENCED.findall(text)) + "\n" + "\n".join(re.findall(r"^ {4}\S.*$", text, re.MULTILINE))
    yield from PROGRAM.findall(fenced.replace("\\\n", " "))
    for each in INLINE.findall(FENCED.sub("", text)):
        if re.match(r"(?:\.venv/bin/)?gateway [a-z-]", each):
            yield from PROGRAM.findall(each)


def wrong(words: str) -> str | None:
    """Return what is wrong with a command, None when nothing is."""
    try:
        parts = shlex.split(words.replace("...", ""), comments=True)
    except ValueError:
        parts = words.split()
    command: click.Command = cli
    context = click.Context(cli)
    options = _options(cli)
    while parts:
        part = parts.pop(0)
        if part.startswith("-"):
            found = options.get(part.partition("=")[0])
            if found is None:
                return f"no option {part}"
            if not found.is_flag and "=" not in part and parts:
                parts.pop(0)
        elif isinstance(command, click.Group):
            inner = command.get_command(context, part)
            if inner is None:
                return f"no command {part}"
            command, options = inner, options | _options(inner)
    return None


def _options(command: click.Command) -> dict[str, click.Option]:
    found = {"--help": click.Option(["--help"], is_flag=True), "-h": click.Option(["-h"], is_flag=True)}
    for each in command.params:
        if isinstance(each, click.Option):
            found |= dict.fromkeys((*each.opts, *each.secondary_opts), each)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_is_one_that_there_is(page: Path) -> None:
    assert [(words, found) for words in named(page) if (found := wrong(words))] == []


def test_a_wrong_command_and_a_wrong_option_are_noticed() -> None:
    assert wrong("messages list --state parked") is None
    assert wrong("messages lst") == "no command lst"
    assert wrong("messages list --stat parked") == "no option --stat"
    assert len([words for page in PAGES for words in named(page)]) > 150
