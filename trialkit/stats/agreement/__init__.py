"""How well readers, or readings, agree."""
