"""One file a method: what is particular to it."""
