"""What the agent can do for a caller beside talking: ports, and what is said through them."""
