"""How many subjects, and how sure: sample size and power."""
