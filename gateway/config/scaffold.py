"""`gateway init`: a new, empty production instance. Nothing of the demo is in it; nothing is ever overwritten."""

import re
from pathlib import Path

from gateway.config.fields import Problems
from gateway.config.partners import SELF, read_own
from gateway.model.faults import OurFault
from gateway.model.values import has_valid_check_digit

_CONFIG = """\
# Settings of this instance. What is not written here has its default; an unknown key is an error.
instance: {instance}
language: {language}                      # en or zh-CN
zone: UTC                         # time zone in which people read times
listen:
  partners: {{host: {host}, port: {partners_port}}}   # AS2 and HTTP; put a TLS proxy in front
  console: {{host: {host}, port: {console_port}}}
  portal: {{host: {host}, port: {portal_port}}}    # where partners sign in; a TLS proxy in front, too
folders: {{partners: partners, mappings: mappings, schemas: schemas, var: var}}
workers: 2                        # processes that read and check messages
allow_networks: []                # private networks we may send to, for example [10.1.0.0/16]
planning: {{every_h: 24}}
"""
_SELF = """\
# Our company. Partners stand beside it: partners/<id>/partner.yaml
name: {name}
role: both
gln: "{gln}"
warehouse: "{gln}"        # GLN of the place whose stock we sell from
channels:
  as2: {{id: {as2_id}, key: self}}
"""
_ITEMS = "gtin,name,name_zh,unit,supplier,supplier_item,pack,sales_price,purchase_price,currency,active\n"
_SUPPLIERS = "partner,lead_time_days,review_days,service_factor,approval_limit,currency\n"


def scaffold(
    root: Path,
    *,
    name: str,
    gln: str,
    language: str = "en",
    host: str = "127.0.0.1",
    partners_port: int = 8080,
    console_port: int = 8081,
    portal_port: int | None = None,
) -> list[Path]:
    """Write an instance into root, a new or empty folder; return the files written.

    host: the address that all three ports listen on; portal_port None: the one after the console's.

    Raises OurFault config.not-empty, partner.check-digit or config.unreadable.
    """
    if len(gln) != 13 or not has_valid_check_digit(gln):
        raise OurFault("partner.check-digit", value=gln, at="--gln", kind="GLN")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise OurFault("config.not-empty", value=str(root))
    slug = re.sub(r"[^a-z0-9]+", "-", root.resolve().name.lower()).strip("-")[:60] or "gateway"
    own = _SELF.format(name=_quoted(name), gln=gln, as2_id=slug.upper())
    read_own(own, {}, problems := Problems(f"partners/{SELF}/partner.yaml"), [])
    problems.stop()
    files = {
        root / "config.yaml": _CONFIG.format(
            instance=slug,
            language=language,
            host=host,
            partners_port=partners_port,
            console_port=console_port,
            portal_port=portal_port or console_port + 1,
        ),
        root / "partners" / SELF / "partner.yaml": own,
        root / "partners" / SELF / "tables" / "items.csv": _ITEMS,
        root / "partners" / SELF / "tables" / "suppliers.csv": _SUPPLIERS,
    }
    try:
        for folder in (root / "mappings", root / "schemas", *(path.parent for path in files)):
            folder.mkdir(parents=True, exist_ok=True)
        (root / "var").mkdir(mode=0o700)
        for path, text in files.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise OurFault("config.unreadable", at=str(root), detail=error.strerror or "?") from None
    return list(files)


def _quoted(text: str) -> str:
    """Return text as a YAML scalar in single quotes, on one line."""
    return "'" + " ".join(text.split()).replace("'", "''") + "'"
