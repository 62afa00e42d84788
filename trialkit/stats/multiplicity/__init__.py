"""Several hypotheses, one error rate."""
