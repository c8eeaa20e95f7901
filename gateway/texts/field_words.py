"""Words for the fields of the canonical documents and for EDIFACT segments, in English and Chinese: for the
implementation guide. Our own short labels; nothing is copied from a directory."""

import re

from gateway.texts.catalogue import Lang

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")

ENGLISH = {
    "id": "number", "ids": "identifiers", "gtin": "GTIN", "sscc": "SSCC", "gln": "GLN", "vat": "VAT number",
    "buyerId": "buyer's item number", "sellerId": "seller's item number", "issuedAt": "document date",
    "typeCode": "document type", "refs": "reference", "lines": "line", "ids[]": "identifier", "dueOn": "due date",
    "documentRef": "document reference", "innerGtin": "GTIN inside", "billTo": "invoicee", "shipTo": "ship to",
    "shipFrom": "ship from", "otherwise": "else", "lineCount": "number of lines",
    "order": "order", "at": "date and time", "on": "date",
}  # fmt: skip

CHINESE = {
    "act": "行为", "agreement": "协议", "calendar": "日历", "criteria": "标准", "days": "天数", "fill": "满足率",
    "fillNext": "下一水平满足率", "fillNow": "当前满足率", "forecast": "预测", "frozenDays": "冻结天数",
    "horizonDays": "展望天数", "launch": "上市", "level": "水平", "like": "参照商品", "mechanic": "促销方式",
    "metric": "指标", "periodDays": "周期天数", "places": "地点", "proposed": "建议值", "step": "步长",
    "stockNext": "下一水平库存", "stockNow": "当前库存", "uplift": "提升幅度",
    "about": "涉及", "changed": "变更", "exceptions": "例外", "firstDay": "首日", "lastDay": "末日", "method": "方法",
    "release": "释放",
    "shard": "分片", "shards": "分片数", "systemQuantity": "系统建议数量", "values": "取值", "what": "事项",
    "acceptedQuantity": "接受数量", "account": "账户", "action": "操作", "activity": "活动", "additional": "附加",
    "address": "地址", "adjustment": "调整", "adjustmentReason": "调整原因", "agency": "代码机构",
    "allowances": "折扣合计", "allowancesCharges": "折扣与费用", "amount": "金额", "announcement": "预告",
    "answerWanted": "要求答复", "at": "日期时间", "backorderQuantity": "欠交数量", "base": "计算基数",
    "basisAgreed": "约定依据", "batch": "批号", "batches": "批次", "bestBefore": "最佳食用日期", "billTo": "收票方",
    "blanketOrder": "框架订单", "building": "楼宇", "buyer": "买方", "buyerId": "买方商品编号",
    "cancelAfter": "逾期取消日期", "carrier": "承运人", "carrierConsignment": "承运批次", "category": "类别",
    "channel": "销售渠道", "channelSector": "渠道类别", "charges": "费用合计", "city": "城市", "code": "代码",
    "conditions": "条件", "confirmedQuantity": "确认数量", "consignee": "收货人", "consignments": "托运批次",
    "consignor": "发货人", "contact": "联系人", "contents": "内含数量", "contract": "合同", "country": "国家",
    "cumulative": "累计数量", "currency": "币种", "customer": "客户参考号", "date": "日期", "deliveredAt": "交货日期",
    "deliveries": "交货", "deliveryNote": "送货单", "deliveryPoints": "交货地点", "deliveryTerms": "交货条款",
    "deliveryWindow": "交货时间窗", "description": "描述", "despatchAdvice": "发货通知", "despatchAt": "发货日期",
    "despatchedQuantity": "发货数量", "detail": "明细", "dimensions": "尺寸", "direction": "方向",
    "discountPercent": "折扣百分比", "discountUntil": "折扣截止日期", "disposition": "处置方式",
    "documentNumber": "单据编号", "documentRef": "单据参考", "due": "应付", "dueOn": "到期日", "earliest": "最早",
    "email": "电子邮箱", "end": "结束", "errors": "错误", "estimatedDelivery": "预计交货日期", "events": "事件",
    "excess": "超出数量", "expiry": "失效日期", "finalAgency": "最终地点代码机构", "finalLocation": "最终地点",
    "finalParty": "最终收货方", "freeQuantity": "免费数量", "function": "单据功能", "gross": "含折扣前价格",
    "grossWeight": "毛重", "grossWeightName": "毛重标识", "gtin": "GTIN", "handling": "搬运说明", "height": "高",
    "heightName": "高标识", "id": "编号", "ids": "标识", "innerGtin": "内装 GTIN", "instruction": "指示",
    "invoice": "发票", "issuedAt": "单据日期", "item": "商品", "kind": "种类", "latest": "最晚",
    "leadTimeDays": "交期（天）", "length": "长", "lengthName": "长标识", "line": "行", "lineConsignment": "行托运批次",
    "lineCount": "行数", "lineNumber": "行号", "lineShipment": "行货运", "lines": "行", "location": "地点",
    "minimum": "最小数量", "minimumOrder": "最小订购量", "mode": "方式", "movement": "移动", "name": "名称",
    "net": "净价", "noOrderLine": "无订单行", "note": "备注", "notes": "备注", "number": "编号", "on": "日期",
    "order": "订单", "orderIncrement": "订购倍数", "orderLine": "订单行", "orderUnit": "订购单位",
    "orderedBy": "下单方", "orderedQuantity": "订购数量", "otherwise": "否则", "outcome": "结果",
    "packageType": "包装类型", "packages": "包装件数", "packaging": "包装", "packagingName": "包装标识",
    "paid": "已付", "paidAt": "付款日期", "parent": "上级", "partialAllowed": "允许分批", "parties": "参与方",
    "party": "参与方", "payable": "应付总额", "payee": "收款方", "payer": "付款方", "payment": "付款",
    "paymentMeans": "付款方式", "paymentTerms": "付款条款", "percent": "百分比", "period": "期间", "phone": "电话",
    "pickUp": "提货日期", "place": "地点", "placeAgency": "地点代码机构", "postalCode": "邮政编码", "prepaid": "预付",
    "previous": "上一个", "price": "价格", "priceList": "价目表", "priceUse": "价格用途", "prices": "价格",
    "netQuantity": "净销售数量", "excludedQuantity": "不计入补货的销售数量", "missingQuantity": "缺货需求数量",
    "processing": "处理", "productGroup": "商品组", "promisedDelivery": "承诺交货日期", "promoQuantity": "促销数量",
    "promoQuantityName": "促销数量标识", "promotion": "促销", "promotionName": "促销标识", "provider": "提供方",
    "purpose": "用途", "quantity": "数量", "quotation": "报价", "reason": "原因", "receivedAt": "收货日期",
    "receivedQuantity": "收货数量", "receiver": "接收方", "receivingAdvice": "收货通知", "refs": "参考",
    "region": "地区", "registration": "注册号", "rejected": "拒收", "reporter": "报告方",
    "requestedDelivery": "要求交货日期", "requestedShip": "要求发货日期", "retailPrice": "零售价",
    "retailPriceName": "零售价标识", "retailer": "零售商", "returnedQuantity": "退货数量", "role": "角色",
    "salesOrder": "销售订单", "schema": "版本", "seal": "封签", "seller": "卖方", "sellerId": "卖方商品编号",
    "sender": "发送方", "sequence": "顺序", "shipFrom": "发货地", "shipTo": "收货地", "shipmentNumber": "货运编号",
    "shortage": "短缺数量", "soldQuantity": "销售数量", "splits": "分拆", "sscc": "SSCC", "start": "开始",
    "status": "状态", "stock": "库存", "street": "街道", "substitute": "替代商品", "substituteNumber": "替代编号",
    "summary": "汇总", "tax": "税", "taxCurrency": "税币种", "taxPoint": "计税日期", "taxRate": "税率",
    "taxScheme": "税种", "taxable": "计税金额", "taxes": "税", "text": "文本", "total": "合计", "totals": "合计",
    "trailer": "挂车", "transport": "运输", "transportMode": "运输方式", "type": "类型",
    "ultimateConsignee": "最终收货人",
    "unit": "单元", "units": "物流单元", "unitsPerPack": "每包装数量", "validFrom": "生效日期", "validity": "有效期",
    "value": "值", "valueName": "值标识", "variance": "差异", "varianceReason": "差异原因", "variant": "变体",
    "vat": "增值税号", "vehicle": "车辆", "version": "版本", "weightName": "重量标识", "where": "地点", "width": "宽",
    "allocated": "已分配", "approvedBy": "批准人", "backordered": "欠交", "bucket": "时段",
    "controlReference": "控制参考号",
    "dailyDemand": "日需求", "daysOfHistory": "历史天数", "decision": "决定", "deliveredQuantity": "交货数量",
    "demandDeviation": "需求偏差", "discountDays": "折扣天数", "dueDays": "付款天数", "group": "组",
    "inTransit": "在途",
    "items": "商品", "limit": "限额", "messageReference": "报文参考号", "onHand": "现有库存", "onOrder": "在途订单",
    "orders": "订单",
    "openingHours": "营业时间", "orderId": "订单编号", "orderUpTo": "目标库存", "partner": "伙伴", "promised": "已承诺",
    "proposal": "建议", "refuse": "拒绝", "refusedMessages": "被拒报文", "reorderPoint": "再订货点",
    "reporting": "报告",
    "learn": "学习", "segment": "客户分群", "shortDeliveries": "短缺交货天数", "shortShare": "短缺交货占比",
    "standings": "伙伴状况", "valueClass": "价值等级",
    "requestedBy": "请求人", "reviewDays": "检查周期（天）", "safetyStock": "安全库存", "serviceFactor": "服务系数",
    "supplier": "供应商", "taxCategory": "税类别", "taxPercent": "税率", "taxType": "税种", "typeCode": "单据类型",
    "user": "用户", "taxKind": "税标识",
    "autoQuantity": "自动受理数量", "autoValue": "自动受理金额", "calendars": "日历", "closed": "休息日",
    "creditClass": "信用等级", "creditLimit": "信用额度", "cutOff": "截止时间", "deliveryDays": "送货日",
    "minimumValue": "最低金额", "opened": "加开日", "partial": "允许分批", "paymentDays": "账期（天）",
    "priceTolerance": "价格容差", "quantityTolerance": "数量容差", "responseH": "答复时限（小时）",
    "substitutes": "允许替代", "validTo": "失效日期", "weekdays": "星期", "zone": "时区", "terms": "条款",
    "widthName": "宽标识", "gln": "GLN", "substitutionAllowed": "允许替代", "contactName": "联系人",
    "raised": "供应商提出内容的摘要",
}  # fmt: skip

VALUES = {  # canonical values that no table of schemas/codes has
    "add": "新增", "added": "新增", "allowance": "折扣", "announcement": "预告", "application-response": "应用响应",
    "change": "变更", "changed": "变更", "charge": "费用", "commitment": "承诺", "complete-only": "须一次交齐",
    "delete": "删除", "deleted": "删除", "destroy": "销毁", "false": "否", "firm": "确定", "gross": "含折扣前价格",
    "head-office": "总部", "hold": "保留", "immediate": "立即", "in": "入", "instruction": "指示", "net": "净价",
    "original": "原始", "out": "出", "partial-allowed": "允许分批", "planned": "计划", "retail": "零售价",
    "return": "退回", "true": "是", "unchanged": "不变", "warehouse": "仓库",
}  # fmt: skip

SEGMENTS: dict[str, tuple[str, str]] = {
    "AJT": ("adjustment", "调整"), "ALC": ("allowance or charge", "折扣或费用"), "ALI": ("condition", "附加条件"),
    "BGM": ("document: type, number, function", "单据：类型、编号、功能"),
    "CNI": ("consignment", "托运批次"),
    "CNT": ("control count", "控制计数"), "COM": ("phone, e-mail", "电话、电子邮箱"),
    "CPS": ("level of packing", "包装层级"),
    "CTA": ("contact", "联系人"), "CUX": ("currency", "币种"), "DOC": ("document named", "所涉单据"),
    "DTM": ("date, time or period", "日期、时间或期间"), "EQD": ("equipment", "运输设备"),
    "FII": ("bank account", "银行账户"),
    "FTX": ("free text", "自由文本"), "GIN": ("identity numbers", "标识号"), "GIR": ("identity numbers", "标识号"),
    "GIS": ("indicator", "指示符"), "HAN": ("handling", "搬运说明"), "IMD": ("item description", "商品描述"),
    "INV": ("stock movement", "库存移动"), "LIN": ("line", "行"), "LOC": ("place", "地点"), "MEA": ("measure", "计量"),
    "MKS": ("market", "市场"), "MOA": ("amount", "金额"), "NAD": ("party", "参与方"), "PAC": ("packages", "包装"),
    "PAT": ("payment terms", "付款条款"), "PCD": ("percentage", "百分比"), "PCI": ("marks", "标记"),
    "PGI": ("product group", "商品组"), "PIA": ("further item numbers", "其他商品编号"), "PRI": ("price", "价格"),
    "QTY": ("quantity", "数量"), "QVR": ("quantity variance", "数量差异"), "RFF": ("reference", "参考"),
    "RNG": ("range", "范围"), "SCC": ("schedule", "计划"), "SEL": ("seal", "封签"), "STS": ("status", "状态"),
    "TAX": ("tax", "税"), "TDT": ("transport", "运输"), "TOD": ("delivery terms", "交货条款"),
    "UNS": ("section break", "段区分隔"), "UNH": ("message header", "报文头"), "UNT": ("message trailer", "报文尾"),
}  # fmt: skip

DOCUMENTS: dict[str, str] = {
    "PlanningWord": "计划员决定", "RetailEvent": "促销与新品活动", "StockAgreement": "库存协议",
    "JointPlan": "联合计划", "AgreementAct": "协议答复",
    "Order": "订单", "OrderChange": "订单变更", "OrderCancellation": "订单取消", "OrderResponse": "订单回执",
    "DespatchAdvice": "发货通知", "ReceivingAdvice": "收货通知", "SalesReport": "销售报告",
    "InventoryReport": "库存报告", "Forecast": "销售预测", "DeliverySchedule": "交货计划",
    "ReplenishmentProposal": "补货建议", "Invoice": "发票", "CreditNote": "贷项通知单", "RemittanceAdvice": "汇款通知",
    "ReturnNotice": "退货通知", "TransportStatus": "运输状态", "PriceCatalogue": "价格目录", "PartyInfo": "参与方信息",
    "Acknowledgement": "确认回执", "PlanningRequest": "计划请求", "ProposalDecision": "建议决定",
    "OrderDecision": "订单决定", "InvoiceDecision": "发票决定", "BasketOrder": "目录采购",
    "CalendarInfo": "日历",
}  # fmt: skip


def field_label(key: str, lang: Lang) -> str:
    """Return a canonical key in words: lines[].item.gtin -> line, item: GTIN. A word that is not known stays."""
    parts = [part.partition("[")[0] for part in key.split(".")]
    words = [CHINESE.get(part, part) if lang == "zh-CN" else ENGLISH.get(part, _split(part)) for part in parts]
    head, last = words[:-1], words[-1]
    if not head:
        return last
    return f"{' '.join(head)} {last}" if lang == "en" else f"{'·'.join([*head, last])}"


def value_label(value: str, lang: Lang) -> str:
    """Return a canonical value in words; one that is not known stays."""
    if lang == "zh-CN":
        return VALUES.get(value) or CHINESE.get(value, value)
    return _split(value.replace("-", " "))


def segment_label(tag: str, lang: Lang) -> str:
    """Return what a segment is for, "" for one that we have no word for."""
    en, zh = SEGMENTS.get(tag, ("", ""))
    return zh if lang == "zh-CN" else en


def document_label(name: str, lang: Lang) -> str:
    """Return the canonical document type in words."""
    return DOCUMENTS.get(name, name) if lang == "zh-CN" else _split(name)


def _split(name: str) -> str:
    return " ".join(_WORD.split(name)).lower()
