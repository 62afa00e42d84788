"""The operations as JSON for programs: tokens instead of sessions, one key for each write, OpenAPI 3.1."""
