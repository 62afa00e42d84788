"""Comparison tables: of groups in data, and of what others printed."""
