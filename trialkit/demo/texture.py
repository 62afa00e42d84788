"""Radiomic features of the demonstration's scans: the region the prediction plans name, of each reader."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit import resources
from trialkit.imaging.files import write_csv
from trialkit.imaging.phantom.scan import PhantomScan
from trialkit.imaging.texture.settings import RadiomicsSettings, read_settings

if TYPE_CHECKING:
    import pandas as pd

REGION = "multifidus_L4_"


@dataclass
class Texture:
    """Gathers what ``trialkit imaging radiomics`` would write, a table a reader."""

    settings: RadiomicsSettings
    found: dict[str, list[pd.DataFrame]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of_plan(cls) -> Texture | None:
        """By ``sap/study_a_radiomics.toml``; None where z-rad, or what it needs, is not installed."""
        if not all(find_spec(name) for name in ("zrad", "SimpleITK", "skimage", "pywt")):
            return None
        settings = read_settings(resources.folder("sap") / "study_a_radiomics.toml")
        return cls(settings)

    def extract(self, subject_id: str, scan: PhantomScan, reader: str) -> None:
        from trialkit.imaging import radiomics

        drawn = scan.readings[reader]
        region = {name: mask for name, mask in drawn.segments.items() if name.startswith(REGION)}
        self.found[reader].append(
            radiomics(scan.fat, replace(drawn, segments=region), self.settings, subject_id, scan.water)
        )

    def write(self, folder: Path) -> None:
        """Without the settings and digests on every line: those are one, and stand in ``reader_1.csv``."""
        import pandas as pd

        from trialkit.imaging.texture.radiomics import COLUMNS

        folder.mkdir()
        for reader, tables in self.found.items():
            write_csv(pd.concat(tables, ignore_index=True)[[*COLUMNS]], folder / f"{reader}.csv")
