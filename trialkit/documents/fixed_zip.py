"""Office files are zip archives that note the hour; here they are packed again without it."""

from __future__ import annotations

import io
import re
import zipfile

_NO_TIME = (1980, 1, 1, 0, 0, 0)
_CORE = "docProps/core.xml"
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def without_times(archive: bytes) -> bytes:
    """The same archive with every time of writing set to 1980-01-01: the same content, the same bytes."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == _CORE:
                content = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", content)
            member = zipfile.ZipInfo(name, _NO_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            new.writestr(member, content)
    return packed.getvalue()
