"""Names, numbers and addresses brought to one form, so that the same company looks the same in every document.

Full-width characters become narrow, traditional Chinese simplified, capitals small, umlauts and accents plain; the
legal form and punctuation go. What is compared is never what is shown.
Source: Unicode Standard Annex 15 (NFKC); GS1 General Specifications 7.9 (check digit of a GLN); ITU-T E.164.
"""

import re
import unicodedata
from functools import cache, lru_cache

import phonenumbers
from opencc import OpenCC
from stdnum import ean, lei
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe"})
_WESTERN_FORMS = (
    r"gmbh( ?& ?co\.? ?kg(aa)?)?|ag|se|kg|ohg|ug|ev|ltd|limited|llc|llp|plc|inc|incorporated|corp|corporation|co|"
    r"company|sa|sas|sarl|srl|spa|bv|nv|oy|ab|as|aps|kft|sro|spzoo|sl|pty|pte"
)
_WESTERN = re.compile(rf"\b(?:{_WESTERN_FORMS})\b\.?")
_CHINESE = re.compile(r"(?:股份)?有限(?:责任)?公司|集团公司|总公司|分公司|公司|集团|股份|\(.{1,6}?\)")
_NOT_WORD = re.compile(r"[^\w\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
MAX_NAME = 200  # characters looked at; documents carry at most 5 x 35


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")


def folded(text: str) -> str:
    """Return text in the form that is compared: narrow, small, simplified, without accents, one blank between words."""
    text = unicodedata.normalize("NFKC", text[:MAX_NAME]).casefold().translate(_UMLAUTS)
    if _HAN.search(text):
        text = _simplified().convert(text)
    plain = "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))
    return _NOT_WORD.sub(" ", plain).strip()


@lru_cache(maxsize=20_000)  # every name is compared with many
def core_name(name: str) -> str:
    """Return the name without its legal form; the folded name where nothing else would be left."""
    text = unicodedata.normalize("NFKC", name[:MAX_NAME]).casefold()
    if _HAN.search(text):
        text = _simplified().convert(text)
        found = folded(_CHINESE.sub(" ", text)).replace(" ", "")
    else:
        dotless = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", text)  # s.p.a. is spa
        found = folded(_WESTERN.sub(" ", dotless.replace("sp. z oo", "spzoo")))
    return found or folded(name)


def gln(value: str) -> str | None:
    """Return the 13 digits of a GLN with a right check digit, else None."""
    digits = value.strip()
    return digits if len(digits) == 13 and ean.is_valid(digits) else None


def vat_number(value: str) -> str | None:
    """Return a VAT number of the European Union in its compact form (DE123456788), None when it is not valid."""
    try:
        return str(vat.validate(value.strip()[:30])).upper()
    except ValidationError:
        return None


def legal_entity(value: str) -> str | None:
    """Return a legal entity identifier (ISO 17442), None when its check digits are wrong."""
    try:
        return str(lei.validate(value.strip()[:30]))
    except ValidationError:
        return None


def telephone(value: str, country: str | None = None) -> str | None:
    """Return a telephone number as +country number (E.164), None when it cannot be one. country: its two letters."""
    try:
        found = phonenumbers.parse(value.strip()[:40], country.upper() if country else None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def mail(value: str) -> str | None:
    """Return a mail address in small letters, None when it is not one of the usual form."""
    text = value.strip()[:254].casefold()
    return text if re.fullmatch(r"[^@\s]{1,64}@[\w-]+(\.[\w-]+)+", text) else None
