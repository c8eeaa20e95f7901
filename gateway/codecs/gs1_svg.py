"""A drawing of a label as SVG, in millimetres."""

from xml.sax.saxutils import escape, quoteattr

from gateway.codecs.gs1_label import Drawing, Words

_FONT = "Helvetica, Arial, 'Liberation Sans', 'Noto Sans CJK SC', sans-serif"


def svg(drawing: Drawing) -> str:
    """Return one SVG document. Bars are rectangles with sharp edges; white lies below everything."""
    paper = drawing.paper
    size = f'width="{paper.width:g}mm" height="{paper.height:g}mm" viewBox="0 0 {paper.width:g} {paper.height:g}"'
    bars = [
        f'<rect x="{each.x:.4f}" y="{each.y:.3f}" width="{each.width:.4f}" height="{each.height:.3f}"/>'
        for each in drawing.bars
    ]
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
            f"<title>{escape(drawing.title)}</title>",
            f'<rect width="{paper.width:g}" height="{paper.height:g}" fill="#fff"/>',
            '<g fill="#000" shape-rendering="crispEdges">',
            *bars,
            "</g>",
            f'<g fill="#000" font-family={quoteattr(_FONT)}>',
            *(_words(each) for each in drawing.words),
            "</g>",
            "</svg>",
            "",
        )
    )


def _words(each: Words) -> str:
    more = (' font-weight="bold"' if each.bold else "") + (' text-anchor="middle"' if each.centred else "")
    text = escape("".join(letter if letter.isprintable() else " " for letter in each.text))
    return f'<text x="{each.x:.2f}" y="{each.y:.2f}" font-size="{each.size:.2f}"{more}>{text}</text>'
