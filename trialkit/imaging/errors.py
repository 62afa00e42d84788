"""What the imaging room refuses, and why."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError


class ImagingError(TrialkitError):
    """Any refusal of the imaging room."""


class ImageFileError(ImagingError):
    """A file that cannot be read as an image: damaged, of another kind, 4D, of another modality."""


class GeometryError(ImagingError):
    """Two grids that do not fit, or one that has no certain place in the patient."""


class SegmentationError(ImagingError):
    """A segmentation without names, with unknown labels, empty, or outside its image."""


class MeasurementError(ImagingError):
    """A measurement that cannot be made of these data: an unknown setting, a value that is no number."""


class RadiomicsError(ImagingError):
    """Radiomics settings that are incomplete or advised against, or a region too small."""


class MissingLibraryError(ImagingError):
    """A library of ``trialkit[imaging]`` that is not installed; the error names the line that brings it."""
