"""Slots: what callers say when a flow asks for a value, read into the form the flow keeps."""
