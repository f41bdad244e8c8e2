"""The report on the consent rules: which test proves which, and whether it passes."""
