"""Two readers of the same scans: how well their numbers, grades and masks agree."""
