"""Analysis datasets from a snapshot and a plan."""

from trialkit.datasets.build import Datasets, build_datasets
from trialkit.datasets.errors import DatasetError

__all__ = ["DatasetError", "Datasets", "build_datasets"]
