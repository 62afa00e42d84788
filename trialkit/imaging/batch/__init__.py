"""Tens of thousands of scans: on processes or a Dask cluster, resumed where it stopped."""
