"""Tables of subjects in the shape of three observational studies: every number here is an assumption."""
