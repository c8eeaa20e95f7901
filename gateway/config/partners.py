"""partners/<id>/partner.yaml to model.partner.Partner, and partners/self with its tables to OwnCompany."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from gateway.config.edifact_terms import read_terms
from gateway.config.fields import Fields, Problems, nearest
from gateway.config.tables import read_items, read_suppliers
from gateway.config.trade_terms import day_of, read_expected, read_trade_terms
from gateway.config.yaml import Text, load
from gateway.model.findings import Severity
from gateway.model.key_window import read_windows
from gateway.model.partner import Agreement, ChannelSettings, Kind, OwnCompany, Partner, Plausible, Role, SsccRange
from gateway.model.values import GLN_SCHEME, Contact, PartnerId, PartyIdentifier, has_valid_check_digit
from gateway.texts.errors import ERRORS

SELF = "self"
PARTNER_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME = PARTNER_ID  # of a key or secret in the key store

# Settings per protocol. The first group must be there; none may hold a secret, only its name in the key store.
CHANNEL_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "as2": (
        ("id",),
        (
            "url",
            "certificate",
            "receipt",
            "security",
            "compression",
            "digest",
            "cipher",
            "accepted_ciphers",
            "key_transport",
            "signature",
            "legacy",
            "receipt_url",
            "chunked",
        ),
    ),
    "http": (
        (),
        ("url", "token", "webhook_secret", "delivery", "fetch_within_h", "client_certificate", "client_name"),
    ),
    "folder": (("folder",), ()),
    "via": (("partner", "over"), ()),
    "portal": ((), ()),
    "memory": ((), ("id",)),
}
COMMON_KEYS = ("fallback", "fallback_after", "fallback_uncertain", "carries")  # of every kind
OWN_CHANNEL_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {"as2": (("id", "key"), ("url",))}
CHOICES = {
    "receipt": ("signed-sync", "unsigned-sync", "signed-async", "unsigned-async", "none"),
    "security": ("signed+encrypted", "signed", "encrypted", "plain"),
    "compression": ("no", "before-signing", "after-signing"),
    "digest": ("sha-256", "sha-384", "sha-512", "sha-1"),
    "cipher": (
        "aes-128-cbc",
        "aes-192-cbc",
        "aes-256-cbc",
        "aes-128-gcm",
        "aes-192-gcm",
        "aes-256-gcm",
        "3des-cbc",
    ),
    "key_transport": ("rsa", "rsa-oaep", "rsa-oaep-sha1", "rsa-oaep-sha512"),
    "signature": ("rsa", "rsa-pss"),
    "legacy": ("no", "sha-1"),
    "chunked": ("no", "yes"),
    "delivery": ("push", "fetch"),
    "fallback_after": ("1", "2", "3", "4"),
    "fallback_uncertain": ("no", "yes"),
}
MOST_DAYS = 3660  # ten years
SEVERITIES: tuple[Severity | Literal["off"], ...] = ("error", "warning", "info", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFile:
    """partner.yaml, read. country: whose mappings apply (two letters), or None. places: mapping -> line, column."""

    partner: Partner
    country: str | None = None
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def read_partner(partner_id: str, text: str, problems: Problems) -> PartnerFile:
    """Return the partner.

    What is wrong is added to problems. Raises OurFault config.yaml-* when the file is not YAML as we allow it.
    """
    top = Fields(load(text, problems.file), problems)
    if not PARTNER_ID.fullmatch(partner_id):
        problems.add_at("partner.bad-id", 1, None, partner_id)
    channels = _channels(top.fields("channels"), CHANNEL_KEYS)
    kinds: tuple[Kind, ...] = ("partner", "house")
    rows = top.rows("agreements")
    agreements = _agreements(rows, channels)
    partner = _partner(top, partner_id, top.choice("kind", kinds, "partner"), channels, agreements)
    country = top.optional("country")
    if country and not re.fullmatch("[a-z]{2}", country):
        problems.add("config.bad-value", top.place("country"), country, key="country", expected="de, fr, cn, ...")
    top.close()
    places = {each.mapping: (row.table.line, row.table.column) for each, row in zip(agreements, rows, strict=True)}
    return PartnerFile(partner=partner, country=country, places=places)


def _partner(
    top: Fields, partner_id: str, kind: Kind, channels: Mapping[str, ChannelSettings], agreements: tuple[Agreement, ...]
) -> Partner:
    return Partner(
        id=PartnerId(partner_id),
        name=top.required("name"),
        name_zh=top.optional("name_zh"),
        role=top.choice("role", get_args(Role), "none"),
        kind=kind,
        ids=_ids(top),
        channels=channels,
        agreements=agreements,
        severities=_severities(top.fields("severities")),
        mode=top.choice("mode", ("live", "test"), "live"),
        order=top.choice("order", ("strict", "loose", "none"), "loose"),
        order_per=top.choice("order_per", ("partner", "type"), "partner"),
        edifact=read_terms(top.fields("edifact")),
        owner=top.optional("owner"),
        language=top.choice("language", ("en", "zh-CN"), "en"),
        plausible=_plausible(top.fields("plausible")),
        orders_for=tuple(each.value for each in top.texts("orders_for")),
        other_buyer=top.choice("other_buyer", ("park", "sender"), "park"),
        contact=_contact(top.fields("contact")),
        terms=read_trade_terms(top.rows("terms")),
        expects=read_expected(top.rows("expects")),
    )


def _plausible(said: Fields) -> Plausible | None:
    """Read plausible: {ahead_days, past_days}."""
    if not said.table.entries:
        return None
    default = Plausible()
    past = said.whole("past_days", 0, most=MOST_DAYS) if said.optional("past_days") is not None else default.past_days
    found = Plausible(ahead_days=said.whole("ahead_days", default.ahead_days, least=1, most=MOST_DAYS), past_days=past)
    said.close()
    return found


def _contact(said: Fields) -> Contact | None:
    """Read contact: {name, email, phone}."""
    found = Contact(name=said.optional("name"), email=said.optional("email"), phone=said.optional("phone"))
    if found.email and not re.fullmatch(r"[^@\s]+@[^@\s]+", found.email):
        said.problems.add(
            "config.bad-value", said.place("email"), found.email, key="contact.email", expected="name@example.com"
        )
    said.close()
    return None if found == Contact() else found


def read_own(text: str, tables: Mapping[str, str], problems: Problems, table_problems: list[Problems]) -> OwnCompany:
    """Return our company: partners/self/partner.yaml with tables items.csv and suppliers.csv (absent: empty).

    Problems of the tables are added to table_problems, one entry per file.
    """
    top = Fields(load(text, problems.file), problems)
    partner = _partner(top, SELF, "self", _channels(top.fields("channels"), OWN_CHANNEL_KEYS), ())
    warehouse = top.optional("warehouse") or partner.gln
    if not warehouse:
        problems.add("partner.own-gln-missing", top.table)
    elif not _is_gln(warehouse):
        problems.add("partner.check-digit", top.place("warehouse"), warehouse, kind="GLN")
    items, suppliers = (Problems(f"partners/{SELF}/tables/{name}") for name in ("items.csv", "suppliers.csv"))
    own = OwnCompany(
        partner=partner,
        warehouse=warehouse or "",
        items=read_items(tables.get("items.csv", ""), items),
        suppliers=read_suppliers(tables.get("suppliers.csv", ""), suppliers),
        delivery_days=top.whole("delivery_days", 2, most=365),
        backorder_days=top.whole("backorder_days", 7, most=365),
        sscc=_sscc_range(top),
    )
    top.close()
    table_problems += [items, suppliers]
    return own


def _sscc_range(top: Fields) -> SsccRange | None:
    """Read sscc: {prefix, extension}. Source: GS1 General Specifications section 2.2.1 (prefixes of 4 to 12 digits)."""
    said = top.fields("sscc")
    if not said.table.entries:
        return None
    prefix, extension = said.required("prefix"), said.text("extension", SsccRange(prefix="").extension)
    if prefix and not re.fullmatch(r"[0-9]{4,12}", prefix):
        expected = "4..12 x 0..9"
        top.problems.add("config.bad-value", said.place("prefix"), prefix, key="sscc.prefix", expected=expected)
    if not re.fullmatch(r"[0-9]", extension):
        top.problems.add("config.bad-value", said.place("extension"), extension, key="sscc.extension", expected="0..9")
    said.close()
    return SsccRange(prefix=prefix, extension=extension)


def _is_gln(value: str) -> bool:
    return len(value) == 13 and has_valid_check_digit(value)


def _ids(top: Fields) -> tuple[PartyIdentifier, ...]:
    """Read gln: (one or a list) and ids: {scheme: [...]}; the first GLN is the one we address."""
    found: dict[PartyIdentifier, Text] = {}
    for each in top.texts("gln"):
        value = each.value.strip()
        if not _is_gln(value):
            top.problems.add("partner.check-digit", each, value, kind="GLN")
        _add_id(found, GLN_SCHEME, each, top.problems)
    schemes = top.fields("ids")
    for scheme in list(schemes.names()):
        if scheme.value in (GLN_SCHEME, "gln"):
            top.problems.add("config.unknown-key", scheme, key=f"ids.{scheme.value}", nearest="gln")
        for each in schemes.texts(scheme.value):
            _add_id(found, scheme.value, each, top.problems)
    return tuple(found)


def _add_id(found: dict[PartyIdentifier, Text], scheme: str, each: Text, problems: Problems) -> None:
    identifier = PartyIdentifier(scheme=scheme, value=each.value.strip())
    if identifier in found:
        problems.add("config.repeated-row", each, identifier.value)
    elif not identifier.value or len(identifier.value) > 80:
        problems.add("config.bad-value", each, each.value, key=f"ids.{scheme}", expected="1..80")
    else:
        found[identifier] = each


def _channels(
    fields: Fields, known: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
) -> dict[str, ChannelSettings]:
    found: dict[str, ChannelSettings] = {}
    for name in list(fields.names()):
        channel = fields.fields(name.value)
        kind = channel.optional("kind") or name.value
        if kind not in known:
            fields.problems.add("partner.unknown-channel", name, kind, nearest=nearest(kind, known))
            continue
        needed, allowed = known[kind]
        allowed = (*allowed, *COMMON_KEYS)
        settings = {key: channel.required(key) for key in needed}
        settings |= {key: value for key in allowed if (value := channel.optional(key))}
        channel.close()
        _check_channel(channel, settings)
        found[name.value] = ChannelSettings(kind=kind, settings=settings)
    _check_fallbacks(fields, found)
    return found


def _check_fallbacks(fields: Fields, channels: Mapping[str, ChannelSettings]) -> None:
    """Report a fallback that is no other channel of this partner, or that leads back to where it began."""
    for name in channels:
        seen, at = {name}, channels[name].settings.get("fallback")
        while at is not None and at in channels and at not in seen:
            seen.add(at)
            at = channels[at].settings.get("fallback")
        if at is not None:
            place = fields.fields(name).place("fallback")
            fields.problems.add("partner.fallback", place, at, channel=name)


def _check_channel(channel: Fields, settings: Mapping[str, str]) -> None:
    """Report a URL that is none, a key name that looks like a path or a secret, and an unknown choice."""
    for key in ("url", "receipt_url"):
        if (url := settings.get(key)) and not re.match(r"https?://[^\s/?#@]+(/\S*)?$", url):
            channel.problems.add("config.bad-value", channel.place(key), url, key=key, expected="https://host/path")
    carried = settings.get("carries", "x")
    if not all(PARTNER_ID.fullmatch(each.strip()) for each in carried.split(",")):
        place = channel.place("carries")
        channel.problems.add("config.bad-value", place, carried, key="carries", expected="partner ids with commas")
    hours = settings.get("fetch_within_h", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,3}", hours):
        place = channel.place("fetch_within_h")
        channel.problems.add("config.bad-value", place, hours, key="fetch_within_h", expected="1..9999")
    for key in ("certificate", "key", "client_certificate"):
        try:
            read_windows(settings.get(key, "x"))
        except ValueError:
            channel.problems.add("partner.key-name", channel.place(key), key=key)
    token = settings.get("token")
    if token and (len(token) > 64 or not NAME.fullmatch(token)):
        channel.problems.add("partner.key-name", channel.place("token"), key="token")
    for key, options in CHOICES.items():
        if key in settings and settings[key] not in options:
            expected = " | ".join(options)
            channel.problems.add("config.bad-value", channel.place(key), settings[key], key=key, expected=expected)


def _agreements(rows: list[Fields], channels: Mapping[str, ChannelSettings]) -> tuple[Agreement, ...]:
    found: list[Agreement] = []
    for row in rows:
        receive, send = row.optional("receive"), row.optional("send")
        if (receive is None) == (send is None):
            row.problems.add("partner.direction", row.table)
        mapping = receive or send or ""
        if not re.fullmatch(r"[a-z0-9.-]+/[A-Za-z0-9]+", mapping):
            place = row.place("receive" if receive else "send")
            row.problems.add(
                "config.bad-value", place, mapping, key=row.name, expected="eancom-1997/ORDERS, ubl-2.1/Order, ..."
            )
        over = row.required("over")
        if over and over not in channels:
            row.problems.add("partner.unknown-over", row.place("over"), over, nearest=nearest(over, channels))
        agreement = Agreement(
            direction="receive" if receive else "send",
            mapping=mapping,
            over=over,
            contrl=row.flag("contrl", True),
            contrl_within_h=row.whole("contrl_within_h", 24, least=1, most=24 * 31),
            unknown_item=row.choice("unknown_item", ("park", "refuse"), "park"),
            aperak=row.flag("aperak", True),
            backorder=row.flag("backorder", True),
            test=row.flag("test", False),
            envelope=row.choice("envelope", ("none", "sbdh"), "none"),
            valid_from=day_of(row, "valid_from"),
            valid_to=day_of(row, "valid_to"),
        )
        row.close()
        if (agreement.valid_from or date.min) > (agreement.valid_to or date.max):
            given = str(agreement.valid_to)
            row.problems.add("config.bad-value", row.place("valid_to"), given, key="valid_to", expected=">= valid_from")
        same = [e for e in found if (e.direction, e.mapping) == (agreement.direction, agreement.mapping)]
        if any(each.overlaps(agreement) for each in same):
            row.problems.add("config.repeated-row", row.table, mapping)
        found.append(agreement)
    return tuple(found)


def _severities(fields: Fields) -> dict[str, Severity | Literal["off"]]:
    found: dict[str, Severity | Literal["off"]] = {}
    for code in list(fields.names()):
        if code.value not in ERRORS:
            near = nearest(code.value, ERRORS) if "." in code.value else "docs/errors.md"
            fields.problems.add("config.unknown-key", code, key=f"severities.{code.value}", nearest=near[:200])
        found[code.value] = fields.choice(code.value, SEVERITIES, "error")
    return found
