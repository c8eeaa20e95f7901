from io import BytesIO

from openpyxl import load_workbook

from gateway.codecs.xlsx import workbook


def test_what_xml_cannot_say_is_left_out_and_a_formula_stays_a_text() -> None:
    data = workbook("a/b", ["t\x00"], [["x\ufffey\ud800z\x07\n"], ["=1+1"]])

    sheet = load_workbook(BytesIO(data)).active

    assert sheet is not None
    assert [each.value for each in sheet["A"]] == ["t", "xyz\n", "=1+1"]
    assert sheet["A3"].data_type == "s"
