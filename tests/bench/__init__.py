"""Measurements: development tools, run by hand and by `make bench`."""
