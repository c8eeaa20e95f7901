"""Drawings of labels as a PDF, one page each. No font is embedded: Helvetica, and for Chinese the reader's own.

Source: ISO 32000-1 sections 7.5 (file structure), 8.5 (paths), 9.6.2 (standard fonts), 9.7.5 (predefined CMaps).
"""

import zlib
from collections.abc import Sequence

from gateway.codecs.gs1_label import Drawing, Words

_POINT = 72 / 25.4  # points in a millimetre
_PLAIN, _BOLD, _CHINESE = "F1", "F2", "F3"
_FONTS = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 7 0 R"
    b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
    b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
    b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
)
# Widths of Helvetica-Bold, thousandths of the size, of what centred text consists of.
_DIGIT, _PARENTHESIS, _CAPITAL = 556, 333, 700


def pdf(drawings: Sequence[Drawing]) -> bytes:
    """Return one PDF with a page for each drawing."""
    first = 3 + len(_FONTS)
    pages = [first + 2 * n for n in range(len(drawings))]
    kids = " ".join(f"{number} 0 R" for number in pages)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        *_FONTS,
    ]
    for number, drawing in zip(pages, drawings, strict=True):
        width, height = drawing.paper.width * _POINT, drawing.paper.height * _POINT
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.3f} {height:.3f}] /Contents {number + 1} 0 R"
            " /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >> >>".encode()
        )
        stream = zlib.compress(_content(drawing).encode("latin-1"))
        head = f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode()
        objects.append(head + stream + b"\nendstream")
    return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    data += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(data)


def _content(drawing: Drawing) -> str:
    """Return the page's operators; PDF counts from the bottom."""
    height = drawing.paper.height
    bars = [
        f"{each.x * _POINT:.4f} {(height - each.y - each.height) * _POINT:.4f} {each.width * _POINT:.4f}"
        f" {each.height * _POINT:.4f} re"
        for each in drawing.bars
    ]
    return "\n".join(("0 g", *bars, "f", *(_words(each, height) for each in drawing.words)))


def _words(each: Words, height: float) -> str:
    size, x, y = each.size * _POINT, each.x * _POINT, (height - each.y) * _POINT
    if each.centred:
        x -= sum(map(_advance, each.text)) * size / 2000
    runs = " ".join(_run(part, each.bold, size) for part in _parts(each.text))
    return f"BT 1 0 0 1 {x:.3f} {y:.3f} Tm {runs} ET"


def _advance(letter: str) -> int:
    return _PARENTHESIS if letter in "()" else _CAPITAL if letter.isupper() else _DIGIT


def _parts(text: str) -> list[str]:
    """Cut text where letters of Helvetica's encoding and others meet."""
    parts: list[str] = []
    for letter in text:
        if parts and _is_latin(parts[-1][0]) == _is_latin(letter):
            parts[-1] += letter
        else:
            parts.append(letter)
    return parts


def _is_latin(letter: str) -> bool:
    return letter.isprintable() and bool(letter.encode("cp1252", "ignore"))


def _run(part: str, bold: bool, size: float) -> str:
    if _is_latin(part[0]):
        code, font = part.encode("cp1252").hex(), _BOLD if bold else _PLAIN
    else:  # beyond the basic plane UCS-2 has no letter
        code = "".join(x if x.isprintable() and ord(x) < 0x10000 else " " for x in part).encode("utf-16-be").hex()
        font = _CHINESE
    return f"/{font} {size:.3f} Tf <{code}> Tj"
