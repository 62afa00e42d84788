"""One file a group of pages. A view reads and acts through operations alone."""
