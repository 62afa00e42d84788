from trialkit.imaging.composition import (
    body_composition as body_composition,
    composition_table as composition_table,
    z_scores as z_scores,
)
from trialkit.imaging.maps.comparing import (
    correlation_map as correlation_map,
    difference_map as difference_map,
    mean_map as mean_map,
)
from trialkit.imaging.maps.normalized import FatMap as FatMap, fat_map as fat_map
from trialkit.imaging.maps.template import TemplateMap as TemplateMap, template_map as template_map
from trialkit.imaging.muscle.measure import measure as measure
from trialkit.imaging.muscle.settings import MeasureSettings as MeasureSettings
from trialkit.imaging.readers.agree import ReaderAgreement as ReaderAgreement, agree as agree
from trialkit.imaging.readers.overlap import overlap as overlap
from trialkit.imaging.reading.dixon import read_dixon as read_dixon
from trialkit.imaging.reading.doors import read_image as read_image, read_segmentation as read_segmentation
from trialkit.imaging.texture.radiomics import radiomics as radiomics
from trialkit.imaging.texture.settings import RadiomicsSettings as RadiomicsSettings
from trialkit.imaging.volumes import Image as Image, Notice as Notice, Segmentation as Segmentation
