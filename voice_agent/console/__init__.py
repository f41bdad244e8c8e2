"""The operator console: every call there is, and a way to take each over."""
