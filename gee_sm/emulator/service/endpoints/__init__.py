"""The calls of the service, one file per group, found by the table of routes."""
