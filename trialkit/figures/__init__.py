"""How figures are drawn: colours that stay apart, letters, numbers at risk, and the same bytes twice.

Numbers in, drawings out: nothing here reads a result, fits a model or rounds a statistic.
"""
