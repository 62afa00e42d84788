"""Reports without what is printed: for tests that read the page alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def only_the_page() -> Iterator[None]:
    """Of a report only HTML: Word, RTF and PDF are made of the same page at ten times its cost."""
    from trialkit.documents import write_html

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trialkit.documents.write.WRITERS", {"index.html": write_html})
        yield
