"""The shell around a call: one inbox, one writer, and the engines' results as events."""
