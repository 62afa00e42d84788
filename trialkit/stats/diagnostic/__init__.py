"""How well a score tells an outcome: ROC curves, cutoffs, calibration."""
