"""How German is said."""
