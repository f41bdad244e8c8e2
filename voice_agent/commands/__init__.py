"""The commands a person types, one module each; ``voice_agent.cli`` puts them together."""
