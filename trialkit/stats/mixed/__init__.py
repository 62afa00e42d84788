"""Mixed models: repeated measures (MMRM), random intercepts and slopes, mixed logistic regression."""
