"""What stands on every page of a Word document: the band above, page numbers below, a watermark behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from trialkit.documents.page import Page
from trialkit.documents.parts import library

if TYPE_CHECKING:
    from docx.document import Document

LATIN, EAST_ASIAN = "Arial", "Microsoft YaHei"
_ACROSS_MARGIN_MM = 15  # a table that lies across has the room it was measured for
_MARGIN_MM, _WIDTH_MM, _HEIGHT_MM = 20, 210, 297
_STYLES = (("Title", 18), ("Heading 1", 15), ("Heading 2", 12), ("Caption", 10))


def sheet(page: Page) -> Document:
    """An empty A4 document in the house's letters."""
    docx = library("docx", "a Word document")
    shared = library("docx.shared", "a Word document")
    document: Document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = shared.Mm(_WIDTH_MM), shared.Mm(_HEIGHT_MM)
    section.left_margin = section.right_margin = shared.Mm(_MARGIN_MM)
    section.top_margin = section.bottom_margin = shared.Mm(22)
    section.header_distance = section.footer_distance = shared.Mm(10)
    _lettering(document, shared)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = page.title, "", page.watermark
    properties.language = page.language
    return document


def lay(document: Document, *, across: bool) -> None:
    """Go on in a section that lies across the sheet, or upright: on a new page where that changes."""
    orient = library("docx.enum.section", "a Word document")
    section = document.sections[-1]
    if (section.orientation == orient.WD_ORIENT.LANDSCAPE) == across:
        return
    section = document.add_section(orient.WD_SECTION.NEW_PAGE)
    section.orientation = orient.WD_ORIENT.LANDSCAPE if across else orient.WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = section.page_height, section.page_width
    margin = library("docx.shared", "a Word document").Mm(_ACROSS_MARGIN_MM if across else _MARGIN_MM)
    section.left_margin = section.right_margin = margin


def text_width_points(document: Document) -> float:
    """Between the margins of the sheet as it lies."""
    section: Any = document.sections[-1]
    width: float = section.page_width.pt - section.left_margin.pt - section.right_margin.pt
    return width


def _lettering(document: Document, shared: Any) -> None:
    from docx.oxml.ns import qn

    ink = shared.RGBColor(0x1A, 0x1D, 0x21)
    document.styles["Normal"].font.size = shared.Pt(10)
    for name, size in (("Normal", 10), *_STYLES):
        style: Any = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = LATIN, shared.Pt(size), ink
        fonts = style.element.rPr.rFonts
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
        fonts.set(qn("w:eastAsia"), EAST_ASIAN)
    for name in ("Heading 1", "Heading 2", "Caption"):
        spacing = document.styles[name].paragraph_format
        spacing.space_before, spacing.space_after = shared.Pt(14), shared.Pt(4)
        spacing.keep_with_next = True


def frame(document: Document, page: Page) -> None:
    """Write the band, the page numbers and the watermark."""
    section = document.sections[0]
    above = section.header.paragraphs[0]
    run = above.add_run(" · ".join(part for part in (page.watermark, page.state, page.title) if part))
    run.font.size = library("docx.shared", "a Word document").Pt(8)
    run.bold = bool(page.watermark)
    if page.watermark:
        above._p.append(_behind(page.watermark))
    below = section.footer.paragraphs[0]
    below.alignment = library("docx.enum.text", "a Word document").WD_ALIGN_PARAGRAPH.RIGHT
    for text, field in (("Page ", "PAGE"), (" of ", "NUMPAGES")):
        below.add_run(text)
        _field(below, field)


def _field(paragraph: Any, name: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _behind(words: str) -> Any:
    """The watermark as Word itself makes one: WordArt in the header, behind the text, centred on the page."""
    from docx.oxml import parse_xml

    width = min(480, 34 * len(words))
    return parse_xml(
        '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><w:pict>'
        '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:path textpathok="t" o:connecttype="rect"/>'
        '<v:textpath on="t" fitshape="t"/></v:shapetype>'
        '<v:shape id="watermark" o:spid="_x0000_s2049" type="#_x0000_t136" '
        f'style="position:absolute;margin-left:0;margin-top:0;width:{width}pt;height:70pt;rotation:315;'
        "z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        'mso-position-vertical:center;mso-position-vertical-relative:margin" o:allowincell="f" '
        'fillcolor="#a94700" stroked="f"><v:fill opacity=".12"/>'
        f"<v:textpath style=\"font-family:'Arial';font-size:1pt\" string={quoteattr(words)}/></v:shape>"
        "</w:pict></w:r>"
    )
