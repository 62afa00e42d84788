"""Radiomics: features of a region by the definitions of the Image Biomarker Standardisation Initiative
(IBSI).
"""
