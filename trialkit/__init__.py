"""trialkit: a small multi-site clinical trial, from the first randomized participant to the last table."""

__version__ = "0.1.0"
