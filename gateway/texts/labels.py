"""Every word of the console by key, English and zh-CN: the first in labels_en and labels_zh (same keys), those of an
area beside each other in labels_AREA.

Values that come from outside (a state, a document type, an activity) use label_or: an unknown one shows as it is.
"""

from collections.abc import Iterable, Mapping

from gateway.texts import (
    labels_access,
    labels_accuracy,
    labels_backtests,
    labels_collaboration,
    labels_crm,
    labels_effects,
    labels_house,
    labels_mappings,
    labels_measures,
    labels_messages,
    labels_methods,
    labels_partners,
    labels_planning,
    labels_portal,
    labels_problems,
    labels_reports,
    labels_rounds,
    labels_selling,
)
from gateway.texts.catalogue import Lang
from gateway.texts.labels_en import ENGLISH
from gateway.texts.labels_zh import CHINESE

LANGUAGES: tuple[Lang, ...] = ("en", "zh-CN")
AREAS: tuple[Mapping[str, tuple[str, str]], ...] = (  # key -> English, Chinese
    labels_access.LABELS,
    labels_collaboration.LABELS,
    labels_crm.LABELS,
    labels_effects.LABELS,
    labels_house.LABELS,
    labels_mappings.LABELS,
    labels_measures.LABELS,
    labels_messages.LABELS,
    labels_methods.LABELS,
    labels_accuracy.LABELS,
    labels_backtests.LABELS,
    labels_partners.LABELS,
    labels_planning.LABELS,
    labels_portal.LABELS,
    labels_problems.LABELS,
    labels_reports.LABELS,
    labels_rounds.LABELS,
    labels_selling.LABELS,
)


def _all(first: Mapping[str, str], column: int) -> dict[str, str]:
    words = dict(first)
    for area in AREAS:
        words.update((key, both[column]) for key, both in area.items())
    return words


_WORDS: Mapping[Lang, Mapping[str, str]] = {"en": _all(ENGLISH, 0), "zh-CN": _all(CHINESE, 1)}


def label(key: str, lang: Lang, /, **params: object) -> str:
    """Return the words for key. Raises KeyError for a key that is not in the catalogue: a mistake of ours."""
    words = _WORDS[lang][key]
    return words.format(**params) if params else words


def label_or(key: str, lang: Lang, fallback: str) -> str:
    """Return the words for key, or fallback when the catalogue has none."""
    return _WORDS[lang].get(key, fallback)


def keys() -> Iterable[str]:
    """Return every key there is, in the order of the catalogue."""
    return _WORDS["en"].keys()
