"""Missing values: their patterns, multiple imputation, reference-based imputation, and pooling."""
