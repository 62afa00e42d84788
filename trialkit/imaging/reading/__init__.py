"""Files to images and segmentations: NIfTI, NRRD, DICOM series, label maps, Slicer and DICOM
segmentations.
"""

from trialkit.imaging.reading.doors import read_image, read_segmentation

__all__ = ["read_image", "read_segmentation"]
