"""The conversation: what a caller's words mean, what follows from it, what is said.

Understanding proposes commands from a closed vocabulary, the engine decides, and every sentence
spoken is a written one. Nothing here does input or output after the files are loaded.
"""
