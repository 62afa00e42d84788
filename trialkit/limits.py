"""How large an input may be. Each limit is far above any trial's, and far below what stops a machine.

A file past one of them is refused at once, with a message, instead of being read until memory ends.
"""

from __future__ import annotations

LARGEST_FILE_BYTES = 500_000_000
"""Of any file that is read whole. A million typed values take about 50 MB."""

LARGEST_UNPACKED_BYTES = 300_000_000
"""Of what comes out of a ZIP container (.xlsx, .epz)."""

HIGHEST_UNPACKED_RATIO = 200
"""Unpacked to packed bytes; sheets of a spreadsheet program reach about 20."""

RATIO_APPLIES_FROM_BYTES = 10_000_000
"""Below this an unpacked size harms nobody, whatever its ratio."""

MOST_CELLS = 20_000_000
"""Rows x columns of a table, blank ones included."""

MOST_CELLS_OF_A_DICTIONARY = 2_000_000
"""The same of a data dictionary: a hundred thousand items."""

MOST_COLUMNS = 20_000

LONGEST_CELL_CHARACTERS = 1_000_000
"""A drug list in one cell of a REDCap dictionary takes 150,000."""

LONGEST_EXPRESSION_CHARACTERS = 100_000
"""Of a calculation, branching or check."""

LONGEST_FORMULA_CHARACTERS = 2_000
"""Of a model formula."""

HIGHEST_FORMULA_POWER = 4
"""In a model formula: ``(a + b + c)^4`` has every interaction of four; nobody reads more."""

MOST_FORMULA_TERMS = 500

LARGEST_DEFINITION_BYTES = 5_000_000
"""Of a TOML file: a study, a plan, a scenario."""

DEEPEST_NESTING = 50
"""Of brackets in an expression, a TOML value or a JSON file."""
