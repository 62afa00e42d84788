from trialkit.documents.errors import (
    DocumentError as DocumentError,
)
from trialkit.documents.html import (
    render_html as render_html,
    write_html as write_html,
)
from trialkit.documents.page import (
    Entry as Entry,
    Evidence as Evidence,
    Figure as Figure,
    Finding as Finding,
    Findings as Findings,
    Highlight as Highlight,
    Notice as Notice,
    Page as Page,
    Section as Section,
)
from trialkit.documents.pdf import (
    write_pdf as write_pdf,
)
from trialkit.documents.rich_text import (
    write_rtf as write_rtf,
)
from trialkit.documents.table import (
    Cell as Cell,
    Column as Column,
    ResultReference as ResultReference,
    Row as Row,
    Table as Table,
)
from trialkit.documents.word import (
    write_docx as write_docx,
)
from trialkit.documents.workbook import (
    write_xlsx as write_xlsx,
)
from trialkit.documents.write import (
    write_documents as write_documents,
)
