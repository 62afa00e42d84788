"""The drawings: numbers in, SVG text out; nothing here reads a result or rounds a statistic."""
