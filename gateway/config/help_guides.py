"""The guides of docs/how-to as pages of the help, in English and Chinese: what is shipped is read, offline."""

import re
from functools import cache
from pathlib import Path

from gateway.config.definitions import shipped_root
from gateway.texts.catalogue import Lang
from gateway.texts.help_pages import HelpPage

PREFIX = "guide-"  # of a page's key
_FOLDERS: dict[Lang, tuple[str, ...]] = {"en": ("docs", "how-to"), "zh-CN": ("docs", "zh-CN", "how-to")}
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+\.md)\)")
_FENCE = re.compile(r"^```\w+$", re.MULTILINE)


@cache
def guides(lang: Lang) -> tuple[HelpPage, ...]:
    """Return every guide that is written in both languages, by its name. Read once."""
    folders = {each: shipped_root().joinpath(*parts) for each, parts in _FOLDERS.items()}
    names = set.intersection(*({path.stem for path in folder.glob("*.md")} for folder in folders.values()))
    known = names - {"README"}
    return tuple(_page(folders[lang] / f"{name}.md", known) for name in sorted(known))


def _page(path: Path, known: set[str]) -> HelpPage:
    title, _, body = path.read_text(encoding="utf-8").partition("\n")

    def link(found: re.Match[str]) -> str:
        """A guide is a page here; any other document is named by its words alone."""
        words, name = found[1], Path(found[2]).stem
        return f"[{words}](/help/pages/{PREFIX}{name})" if name in known and "/" not in found[2] else words

    return HelpPage(
        key=f"{PREFIX}{path.stem}",
        title=title.removeprefix("# ").strip(),
        body=_LINK.sub(link, _FENCE.sub("```", body)).strip(),
    )
