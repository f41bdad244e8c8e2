"""The SQL adapters: what has to survive a restart."""
