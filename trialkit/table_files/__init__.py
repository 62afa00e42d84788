"""Delimited text and workbooks as tables of texts: read strictly, every refusal with its place.

A dictionary, a pass and a file of another system all come in through here; what they mean is decided above.
"""
