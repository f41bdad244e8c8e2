"""Model files: which ones, from where, with which SHA-256, and where they lie on this machine."""
