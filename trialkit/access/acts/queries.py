"""Questions to a site about what is in the record."""
