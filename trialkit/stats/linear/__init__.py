"""Least squares: ANCOVA, robust covariances, effect sizes, diagnostics."""
