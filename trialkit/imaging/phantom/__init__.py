"""Synthetic scans whose areas and fat fractions are known: to try things on, and for the demonstration."""
