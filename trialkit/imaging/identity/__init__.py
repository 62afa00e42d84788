"""Whose scan it is, and that it tells nobody else: identifying tags, clean copies, scans that do not fit."""
