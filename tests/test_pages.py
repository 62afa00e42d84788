"""The pages hang together: no link leads nowhere, and the index leads to every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *DOCS.rglob("*.md"),
        *ROOT.glob("examples/*/README.md"),
        ROOT / "sample_data" / "README.md",
    ]
)
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")


def _links(page: Path) -> list[tuple[Path, str]]:
    found = LINK.findall(page.read_text(encoding="utf-8"))
    return [((page.parent / target).resolve() if target else page, heading) for target, heading in found]


def _headings(page: Path) -> set[str]:
    """The names a browser on the repository's pages gives to headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target, heading in _links(page):
        assert target.exists(), target
        assert not heading or heading in _headings(target), (target, heading)


def test_the_index_of_the_documentation_leads_to_every_page() -> None:
    listed = {target for target, _ in _links(DOCS / "README.md")}
    assert [str(page) for page in DOCS.rglob("*.md") if page not in listed and page.name != "README.md"] == []
