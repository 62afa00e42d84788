from trialkit.imaging.muscle.measure import measure as measure
from trialkit.imaging.muscle.settings import MeasureSettings as MeasureSettings
from trialkit.imaging.reading.doors import read_image as read_image
from trialkit.imaging.reading.doors import read_segmentation as read_segmentation
from trialkit.imaging.volumes import Image as Image
from trialkit.imaging.volumes import Notice as Notice
from trialkit.imaging.volumes import Segmentation as Segmentation
