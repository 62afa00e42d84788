"""Where in a muscle the fat lies: maps by level, depth and sector, and how groups of them differ."""
