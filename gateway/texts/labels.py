"""Every word of the console by key: labels_en and labels_zh hold the same keys.

Values that come from outside (a state, a document type, an activity) use label_or: an unknown one shows as it is.
"""

from gateway.texts.catalogue import Lang
from gateway.texts.labels_en import ENGLISH
from gateway.texts.labels_zh import CHINESE

LANGUAGES: tuple[Lang, ...] = ("en", "zh-CN")


def label(key: str, lang: Lang, /, **params: object) -> str:
    """Return the words for key. Raises KeyError for a key that is not in the catalogue: a mistake of ours."""
    words = (CHINESE if lang == "zh-CN" else ENGLISH)[key]
    return words.format(**params) if params else words


def label_or(key: str, lang: Lang, fallback: str) -> str:
    """Return the words for key, or fallback when the catalogue has none."""
    return (CHINESE if lang == "zh-CN" else ENGLISH).get(key, fallback)
