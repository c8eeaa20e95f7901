"""Documents of invented partners in formats that no mapping of ours reads."""

OPENTRANS = b"""<?xml version="1.0" encoding="UTF-8"?>
<ORDER xmlns="http://www.opentrans.org/XMLSchema/2.1" xmlns:bmecat="http://www.bmecat.org/bmecat/2005" version="2.1"
 type="standard">
  <ORDER_HEADER>
    <CONTROL_INFO><GENERATION_DATE>2026-11-19T08:15:00+01:00</GENERATION_DATE></CONTROL_INFO>
    <ORDER_INFO>
      <ORDER_ID>PO-77-1204</ORDER_ID>
      <ORDER_DATE>2026-11-19</ORDER_DATE>
      <DELIVERY_DATE type="fixed">
        <DELIVERY_START_DATE>2026-11-24</DELIVERY_START_DATE>
        <DELIVERY_END_DATE>2026-11-25</DELIVERY_END_DATE>
      </DELIVERY_DATE>
      <PARTIES>
        <PARTY>
          <bmecat:PARTY_ID type="iln">4099990000011</bmecat:PARTY_ID>
          <bmecat:PARTY_ID type="supplier_specific">K-4711</bmecat:PARTY_ID>
          <PARTY_ROLE>buyer</PARTY_ROLE>
          <ADDRESS>
            <bmecat:NAME>Tannhof Naturkost GmbH</bmecat:NAME>
            <bmecat:STREET>Am Hang 3</bmecat:STREET><bmecat:ZIP>79098</bmecat:ZIP><bmecat:CITY>Freiburg</bmecat:CITY>
            <bmecat:COUNTRY>Deutschland</bmecat:COUNTRY><bmecat:COUNTRY_CODED>DE</bmecat:COUNTRY_CODED>
            <CONTACT_DETAILS><bmecat:CONTACT_NAME>Beck</bmecat:CONTACT_NAME></CONTACT_DETAILS>
          </ADDRESS>
        </PARTY>
        <PARTY>
          <bmecat:PARTY_ID type="iln">9521001000000</bmecat:PARTY_ID>
          <PARTY_ROLE>supplier</PARTY_ROLE>
          <ADDRESS><bmecat:NAME>Lindwerder Vertrieb GmbH</bmecat:NAME></ADDRESS>
        </PARTY>
        <PARTY>
          <bmecat:PARTY_ID type="iln">4099990000028</bmecat:PARTY_ID>
          <PARTY_ROLE>delivery</PARTY_ROLE>
          <ADDRESS><bmecat:NAME>Tannhof Lager</bmecat:NAME><bmecat:CITY>Breisach</bmecat:CITY></ADDRESS>
        </PARTY>
      </PARTIES>
      <ORDER_PARTIES_REFERENCE>
        <bmecat:BUYER_IDREF type="iln">4099990000011</bmecat:BUYER_IDREF>
        <bmecat:SUPPLIER_IDREF type="iln">9521001000000</bmecat:SUPPLIER_IDREF>
      </ORDER_PARTIES_REFERENCE>
      <bmecat:CURRENCY>EUR</bmecat:CURRENCY>
      <REMARKS type="general">Ramp 2, please call before</REMARKS>
    </ORDER_INFO>
  </ORDER_HEADER>
  <ORDER_ITEM_LIST>
    <ORDER_ITEM>
      <LINE_ITEM_ID>10</LINE_ITEM_ID>
      <PRODUCT_ID>
        <bmecat:SUPPLIER_PID>LW-100</bmecat:SUPPLIER_PID>
        <bmecat:INTERNATIONAL_PID type="gtin">9521001100014</bmecat:INTERNATIONAL_PID>
        <bmecat:BUYER_PID>7001</bmecat:BUYER_PID>
        <bmecat:DESCRIPTION_SHORT>Rolled oats 500 g</bmecat:DESCRIPTION_SHORT>
      </PRODUCT_ID>
      <QUANTITY>240</QUANTITY>
      <bmecat:ORDER_UNIT>C62</bmecat:ORDER_UNIT>
      <PRODUCT_PRICE_FIX><bmecat:PRICE_AMOUNT>1.89</bmecat:PRICE_AMOUNT></PRODUCT_PRICE_FIX>
      <PRICE_LINE_AMOUNT>453.60</PRICE_LINE_AMOUNT>
    </ORDER_ITEM>
    <ORDER_ITEM>
      <LINE_ITEM_ID>20</LINE_ITEM_ID>
      <PRODUCT_ID>
        <bmecat:SUPPLIER_PID>LW-103</bmecat:SUPPLIER_PID>
        <bmecat:INTERNATIONAL_PID type="gtin">9521001100038</bmecat:INTERNATIONAL_PID>
        <bmecat:BUYER_PID>7003</bmecat:BUYER_PID>
        <bmecat:DESCRIPTION_SHORT>Long-grain rice 1 kg</bmecat:DESCRIPTION_SHORT>
      </PRODUCT_ID>
      <QUANTITY>12.5</QUANTITY>
      <bmecat:ORDER_UNIT>C62</bmecat:ORDER_UNIT>
      <PRODUCT_PRICE_FIX><bmecat:PRICE_AMOUNT>2.10</bmecat:PRICE_AMOUNT></PRODUCT_PRICE_FIX>
      <PRICE_LINE_AMOUNT>26.25</PRICE_LINE_AMOUNT>
    </ORDER_ITEM>
  </ORDER_ITEM_LIST>
  <ORDER_SUMMARY><TOTAL_ITEM_NUM>2</TOTAL_ITEM_NUM><TOTAL_AMOUNT>479.85</TOTAL_AMOUNT></ORDER_SUMMARY>
</ORDER>
"""

SHOP_XML = b"""<?xml version="1.0"?>
<purchaseOrder number="irrelevant">
  <header><orderNo>55012</orderNo><orderDate>2026-11-19</orderDate><deliveryDate>2026-11-26</deliveryDate>
    <currencyCode>EUR</currencyCode></header>
  <buyer><gln>4099990000011</gln><name>Tannhof</name></buyer>
  <shipTo><gln>4099990000028</gln></shipTo>
  <vendor><gln>9521001000000</gln></vendor>
  <positions>
    <position><posNo>1</posNo><ean>9521001100014</ean><text>Oats</text><qty>24</qty><uom>CT</uom></position>
  </positions>
</purchaseOrder>
"""

ORDER_CSV = (
    "Bestellnummer;Bestelldatum;Liefertermin;K\u00e4ufer GLN;Lieferant GLN;Pos;EAN;Bezeichnung;Menge;Einheit;Preis\n"
    "B-9001;19.11.2026;24.11.2026;4099990000011;9521001000000;1;9521001100014;Haferflocken;1.200;STK;1,89\n"
    "B-9001;19.11.2026;24.11.2026;4099990000011;9521001000000;2;9521001100038;Reis;12,5;STK;2,10\n"
    "B-9002;19.11.2026;24.11.2026;4099990000011;9521001000000;1;9521001100014;Haferflocken;48;STK;1,89\n"
).encode("cp1252")

CHINESE_CSV = (
    "订单号,订单日期,交货日期,行号,商品条码,商品名称,数量,单位,单价\n"
    "CG-2026-118,2026-11-19,2026-11-25,1,9521001100014,燕麦片,240,箱,12.50\n"
    "CG-2026-118,2026-11-19,2026-11-25,2,9521001100038,大米,60,箱,18.00\n"
).encode()

SALES_CSV = (
    b"Datum,Filiale,EAN,Absatz,Umsatz\n"
    b"2026-11-18,4099990000028,9521001100014,37,69.93\n"
    b"2026-11-18,4099990000028,9521001100038,11,23.10\n"
)

ODD_EDIFACT = (
    b"UNA:+.? '\n"
    b"UNB+UNOC:3+4099990000042:14+9521001000000:14+261119:0815+77'\n"
    b"UNH+1+ORDERS:D:99B:UN'\n"
    b"BGM+220+D-5512+9'\n"
    b"DTM+137:20261119:102'\n"
    b"DTM+2:20261124:102'\n"
    b"NAD+BY+4099990000042::9'\n"
    b"NAD+DP+4099990000028::9'\n"
    b"CUX+2:EUR:9'\n"
    b"LIN+1++9521001100014:EN'\n"
    b"QTY+21:240:ZZX'\n"
    b"UNS+S'\n"
    b"CNT+2:1'\n"
    b"UNT+12+1'\n"
    b"UNZ+1+77'\n"
)
