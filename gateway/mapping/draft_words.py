"""What the fields of a document are called in formats that nobody has told us about: English, German and Chinese.

Names are compared in one form: ORDER_ITEM_LIST, OrderItemList and "order item list" are all order_item_list.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "date", "number", "whole", "gtin", "gln", "currency", "unit", "country"]

_SPLIT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ODD = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def plain_name(name: str) -> str:
    """Return a name in the form in which names are compared."""
    return _ODD.sub("_", _SPLIT.sub("_", name).lower().translate(_UMLAUTS)).strip("_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """How a field is called. exact: the whole last name; near: somewhere in the last two names; kind: what its values
    must look like; against: names on the way under which something else is meant."""

    key: str
    exact: str
    near: str = ""
    kind: Kind = "text"
    against: str = ""
    required: bool = False


_NO = r"(?:id|no|nr|num|number|nummer|code|key|号|编号|号码)"
_ELSEWHERE = r"(?:reference|quotation|agreement|contract|catalog|mime|payment|contact|signature|invoice_ref|udx)"


def _number_of(key: str, nouns: str, *, required: bool = True) -> Word:
    return Word(
        key=key,
        exact=rf"(?:(?:{nouns}|doc|document|dokument|beleg|message|header|单据)_?{_NO}|{nouns}|{_NO})",
        near=rf"(?:{nouns})_?{_NO}",
        against=_ELSEWHERE,
        required=required,
    )


def _date_of(nouns: str) -> Word:
    return Word(
        key="issuedAt",
        exact=rf"(?:(?:{nouns}|issue|issued|doc|document|creation|created|beleg|message|header)_?"
        r"(?:date|datum|time|date_time|datetime|at|on|day|日期)|date|datum|日期|日)",
        near=r"generation_date|date_of_issue|ausstellungsdatum|制单日期",
        kind="date",
        against=rf"{_ELSEWHERE}|delivery|due|liefer",
        required=True,
    )


_CURRENCY = Word(key="currency", exact=r"currency|currency_code|curr|waehrung|waehrungscode|币种|货币", kind="currency")
_NOTES = Word(
    key="notes",
    exact=r"remarks?|notes?|comments?|header_text|bemerkung(?:en)?|hinweis|备注|说明",
    against=r"mime|transport|address|contact",
)
_LINE_NUMBER = Word(
    key="number",
    exact=r"(?:order_)?(?:line|line_item|item|pos|position|positions|zeile|row)_?(?:id|no|nr|num|number|nummer)|line|pos|"
    r"position|lfd_nr|行号|序号",
    required=True,
    against=r"reference|customer_order|agreement",
)
_ITEM = (
    Word(
        key="item.gtin",
        exact=r"gtin|gtin_?(?:8|12|13|14)?|ean|ean_?(?:13|8|code|nr)?|upc|barcode|bar_code|international_pid|条码|商品条码|"
        r"international_aid",
        near=r"gtin|ean|barcode|条码",
        kind="gtin",
    ),
    Word(
        key="item.buyerId",
        exact=r"(?:buyer|buyers|customer|kunden|our|client)_?(?:pid|aid|item|article|artikel|product|material|part)?_?"
        r"(?:id|no|nr|number|nummer|code|pid|aid)|buyer_pid|kundenartikelnummer|买方货号",
    ),
    Word(
        key="item.sellerId",
        exact=r"(?:supplier|suppliers|seller|vendor|lieferanten?|manufacturer)_?(?:item|article|artikel|product|material|part)?"
        r"_?(?:id|no|nr|number|nummer|code|pid|aid)|supplier_pid|sku|(?:item|article|artikel|product|material|part|art)_?"
        r"(?:id|no|nr|number|nummer|code)|货号|商品编码|物料号",
        near=r"supplier_pid|supplier_aid|artikelnummer",
        against=r"manufacturer",
    ),
    Word(
        key="item.description",
        exact=r"description(?:_short|_long)?|desc|descr|name|title|text|(?:item|product|article|artikel|material)_?"
        r"(?:name|text|description|desc|bezeichnung)|bezeichnung|kurztext|商品名称|品名|名称|描述",
        near=r"description_short|bezeichnung",
        against=r"manufacturer|feature|mime|party|address|price|delivery",
    ),
)
_QUANTITY = r"quantity|qty|menge|anzahl|amount_ordered|stueck|stueckzahl|数量"
_UNIT = Word(
    key="quantity.unit",
    exact=r"(?:order_|quantity_|qty_|menge_?n?)?(?:unit|uom|unit_code|unit_of_measure|einheit|me|ve)|mengeneinheit|单位",
    kind="unit",
    against=r"price|feature|delivery",
)
_PRICES = (
    Word(
        key="price.net",
        exact=r"(?:net_?|unit_?|single_?|line_?|einzel_?|netto_?)?(?:price|preis)(?:_amount|_value)?|price_amount|单价",
        near=r"price_amount|unit_price|net_price|einzelpreis",
        kind="number",
        against=r"line_amount|allow|charge|tax|gross",
    ),
    Word(
        key="amount",
        exact=r"(?:price_)?(?:line|position|pos|item|row|net)_?(?:amount|total|value|sum|betrag|wert)|betrag|amount|total|"
        r"gesamtpreis|金额",
        near=r"price_line_amount|line_amount|line_total",
        kind="number",
        against=r"allow|charge|tax|unit_price",
    ),
)
_DAY_OF_LINE = Word(
    key="requestedDelivery",
    exact=r"(?:requested_?)?(?:delivery|liefer|wunsch)_?(?:start_)?(?:date|datum|termin|day)|due_date|交货日期",
    near=r"delivery_date|delivery_start_date|liefertermin",
    kind="date",
)
_PLACE = Word(
    key="location",
    exact=r"(?:location|store|shop|branch|filial|markt|site|place|outlet)_?(?:gln|id|no|nr|number|code)?|filiale|gln|门店|地点",
    kind="gln",
)

# document -> its own fields, and those of a line; of several words for a field the one that fits best is taken.
HEAD: Mapping[str, tuple[Word, ...]] = {
    "Order": (
        _number_of("id", "order|purchase_order|po|bestell|bestellung|auftrags?|bestellungs|订单|采购单"),
        _date_of("order|purchase_order|po|bestell|auftrags?|订单|下单"),
        _CURRENCY,
        Word(
            key="deliveryWindow.earliest",
            exact=r"(?:delivery_start|earliest_delivery|delivery_from|earliest)_?(?:date)?|lieferung_ab|liefer_von",
            kind="date",
            against=r"agreement|line|item",
        ),
        Word(
            key="deliveryWindow.latest",
            exact=r"(?:delivery_end|latest_delivery|delivery_to|latest)_?(?:date)?|lieferung_bis|liefer_bis",
            kind="date",
            against=r"agreement|line|item",
        ),
        Word(
            key="requestedDelivery",
            exact=r"(?:requested_?)?(?:delivery|liefer|wunsch|ship|arrival)_?(?:date|datum|termin|day|at)|due_date|交货日期|要求到货日期",
            near=r"delivery_date|liefertermin|requested_delivery",
            kind="date",
        ),
        _NOTES,
        Word(
            key="refs.contract",
            exact=r"(?:contract|agreement|rahmenvertrag|vertrags?)_?(?:id|no|nr|number|nummer)|合同号",
        ),
        Word(key="refs.quotation", exact=r"(?:quotation|quote|offer|angebots?)_?(?:id|no|nr|number|nummer)"),
        Word(
            key="totals.lineCount",
            exact=r"total_item_num|line_count|number_of_(?:lines|items)|anzahl_positionen|行数",
            kind="whole",
        ),
        Word(
            key="totals.amount",
            exact=r"total_?(?:amount|value|net)?|order_total|gesamtbetrag|summe|总金额",
            kind="number",
        ),
    ),
    "SalesReport": (
        _number_of("id", "report|sales_report|sales|bericht|报告", required=False),
        _date_of("report|sales_report|bericht|报告"),
        _CURRENCY,
        _NOTES,
    ),
    "InventoryReport": (
        _number_of("id", "report|stock_report|inventory|inventory_report|bericht|报告", required=False),
        _date_of("report|stock|inventory|bestands?|count|报告|库存"),
        _NOTES,
    ),
    "DespatchAdvice": (
        _number_of(
            "id",
            "dispatchnotification|dispatch_notification|despatch|despatch_advice|shipment|delivery_note|asn|lieferschein|发货单",
        ),
        _date_of("dispatchnotification|despatch|dispatch|shipment|lieferschein|发货"),
        Word(
            key="refs.order.id",
            exact=r"(?:order|purchase_order|po|bestell)_?(?:id|no|nr|number|nummer|ref|reference)|订单号",
            against=r"item_list|line",
        ),
        Word(
            key="despatchAt",
            exact=r"(?:ship|shipping|despatch|dispatch|versand)_?(?:date|datum|at)|发货日期",
            kind="date",
        ),
        Word(
            key="estimatedDelivery",
            exact=r"(?:estimated_|expected_)?(?:delivery|arrival|liefer)_?(?:date|datum|at)|eta|预计到货",
            near=r"delivery_start_date",
            kind="date",
        ),
        _NOTES,
    ),
    "Invoice": (
        _number_of("id", "invoice|rechnungs?|bill|发票"),
        _date_of("invoice|rechnungs?|bill|发票|开票"),
        _CURRENCY,
        Word(
            key="refs.order.id",
            exact=r"(?:order|purchase_order|po|bestell)_?(?:id|no|nr|number|nummer|ref|reference)|订单号",
            against=r"item_list|line",
        ),
        Word(key="totals.taxable", exact=r"net_value_goods|net_total|total_net|nettobetrag|不含税金额", kind="number"),
        Word(key="totals.tax", exact=r"total_tax(?:_amount)?|vat_total|tax_total|mwst|税额", kind="number"),
        Word(
            key="totals.payable",
            exact=r"total_amount|payable|amount_due|gross_total|bruttobetrag|价税合计",
            kind="number",
        ),
        _NOTES,
    ),
}
_SOLD = Word(
    key="soldQuantity",
    exact=rf"(?:sold|sales|sale|pos|absatz|verkauft)_?(?:{_QUANTITY})?|{_QUANTITY}|verkaufsmenge|销量|销售数量",
    near=r"sold|sales_quantity",
    kind="number",
    required=True,
)
_DAY = r"(?:sales_?|report_?)?(?:date|day|datum|tag)|verkaufstag|日期|销售日期"
LINE: Mapping[str, tuple[Word, ...]] = {
    "Order": (
        _LINE_NUMBER,
        *_ITEM,
        Word(
            key="quantity",
            exact=rf"(?:order_|ordered_|bestell_?)?(?:{_QUANTITY})",
            near=_QUANTITY,
            kind="number",
            required=True,
            against=r"price|min|max|package|feature",
        ),
        _UNIT,
        *_PRICES,
        _DAY_OF_LINE,
        _NOTES,
    ),
    "SalesReport": (
        *_ITEM,
        _SOLD,
        _PLACE,
        Word(key="period.start", exact=rf"{_DAY}|from|von|period_start|start_date", kind="date"),
        Word(key="period.end", exact=rf"to|bis|period_end|end_date|{_DAY}", kind="date"),
        Word(key="returnedQuantity", exact=r"return(?:ed|s)?_?(?:quantity|qty)?|retouren|退货数量", kind="number"),
        Word(key="stock", exact=r"stock|on_hand|bestand|库存", kind="number"),
        Word(key="value", exact=r"value|revenue|turnover|umsatz|amount|销售额", kind="number"),
    ),
    "InventoryReport": (
        *_ITEM,
        Word(
            key="quantity",
            exact=rf"{_QUANTITY}|stock|on_hand|bestand|inventory|库存|库存数量",
            near=r"on_hand|stock",
            kind="number",
            required=True,
        ),
        _UNIT,
        _PLACE,
        Word(key="batch", exact=r"batch(?:_?no)?|lot(?:_?(?:no|number))?|charge(?:nnummer)?|批次|批号"),
        Word(key="bestBefore", exact=r"best_before(?:_date)?|expiry(?:_date)?|mhd|有效期", kind="date"),
    ),
    "DespatchAdvice": (
        _LINE_NUMBER,
        *_ITEM,
        Word(
            key="despatchedQuantity",
            exact=rf"(?:delivered_|shipped_|despatched_|liefer_?)?(?:{_QUANTITY})",
            near=_QUANTITY,
            kind="number",
            required=True,
        ),
        replace(_UNIT, key="despatchedQuantity.unit"),
        Word(key="batch", exact=r"batch(?:_?no)?|lot(?:_?(?:no|number))?|charge|批次"),
        Word(key="bestBefore", exact=r"best_before(?:_date)?|expiry(?:_date)?|mhd|有效期", kind="date"),
    ),
    "Invoice": (
        _LINE_NUMBER,
        *_ITEM,
        Word(key="quantity", exact=rf"(?:invoiced_)?(?:{_QUANTITY})", near=_QUANTITY, kind="number", required=True),
        _UNIT,
        *_PRICES,
        Word(key="tax.percent", exact=r"tax|vat|tax_?(?:rate|percent)|vat_?rate|mwst_?satz|税率", kind="number"),
    ),
}
PARTY: tuple[Word, ...] = (
    Word(
        key="gln",
        exact=rf"gln|iln|(?:party|buyer|supplier|seller|customer)?_?{_NO}|identifier|location_code",
        near=r"party_id|gln",
        kind="gln",
        against=r"contact|account|bank|tax|vat",
    ),
    Word(
        key="ids",
        exact=rf"(?:party|buyer|supplier|seller|customer|partner)?_?{_NO}|identifier",
        near=r"party_id",
        against=r"contact|account|bank|tax|vat|phone",
    ),
    Word(
        key="name",
        exact=r"name_?1?|company(?:_name)?|(?:party|organisation|organization)_?name|firma|公司|名称",
        against=r"contact|bank|account|mime",
    ),
    Word(key="address.street", exact=r"street(?:_?(?:name|1|address))?|address_?(?:line_?)?1|strasse|地址|街道"),
    Word(key="address.city", exact=r"city(?:_name)?|town|ort|stadt|城市"),
    Word(key="address.postalCode", exact=r"zip(?:_?code)?|postal_?(?:code|zone)|post_?code|plz|邮编"),
    Word(key="address.country", exact=r"country(?:_coded?)?(?:_iso)?|land|laendercode|国家", kind="country"),
)
ROLES: Mapping[str, str] = {  # canonical party -> what the party is called, by element, attribute or code
    "buyer": r"buyer|customer|purchaser|orderer|client|besteller|kaeufer|kunde|auftraggeber|sold_to|by|ag|买方|采购方|"
    r"客户",
    "seller": r"supplier|seller|vendor|lieferant|verkaeufer|auftragnehmer|su|se|卖方|供应商",
    "shipTo": r"ship_to|shipto|delivery|deliver_to|delivery_party|delivery_address|consignee|recipient|goods_recipient|"
    r"lieferadresse|lieferanschrift|warenempfaenger|empfaenger|final_delivery|dp|we|收货方|收货人",
    "billTo": r"bill_to|billto|invoice|invoicee|invoice_recipient|invoice_address|rechnungsempfaenger|rechnungsadresse|"
    r"payer|iv|re|收票方",
    "reporter": r"reporter|sender|报告方",
    "receiver": r"receiver|recipient|empfaenger|接收方",
}
UNITS: Mapping[str, tuple[str, ...]] = {  # UN/ECE Rec 20 -> what people write; the code itself always counts too
    "H87": ("STK", "STCK", "ST", "STUECK", "STÜCK", "PCE", "PCS", "PC", "PIECE", "个", "件"),
    "EA": ("EACH",),
    "C62": ("ONE",),
    "KGM": ("KG", "KILO", "公斤", "千克"),
    "LTR": ("L", "LITER", "LITRE", "升"),
    "XCT": ("CT", "CTN", "CARTON", "KARTON", "KAR", "KRT", "CASE", "CS", "箱"),
    "XPX": ("PAL", "PALLET", "PALETTE", "托盘"),
    "XPK": ("PACK", "PK", "PAK", "包"),
}
PARTIES: Mapping[str, tuple[str, ...]] = {
    "Order": ("buyer", "seller", "shipTo", "billTo"),
    "SalesReport": ("reporter", "receiver"),
    "InventoryReport": ("reporter", "receiver"),
    "DespatchAdvice": ("seller", "buyer", "shipTo"),
    "Invoice": ("seller", "buyer", "shipTo", "billTo"),
}
KINDS: Mapping[str, str] = {  # document -> how the root or the file is called
    "Order": r"order|orders|purchase_order|bestellung|po|采购订单|订单",
    "DespatchAdvice": r"dispatchnotification|dispatch_notification|despatch_advice|asn|shipment|lieferschein|发货",
    "Invoice": r"invoice|invoices|rechnung|bill|发票",
    "SalesReport": r"sales|sales_report|pos|pos_data|sell_out|sellout|absatz|verkauf|abverkauf|销售",
    "InventoryReport": r"inventory|stock|stock_report|inventory_report|bestand|库存",
}
LINES = (  # what the repeated part of a document is called
    r"(?:order_|invoice_|dispatchnotification_)?"
    r"(?:line|lines|item|items|line_item|position|pos|row|zeile|entry|detail|product|article|行|明细)"
)
