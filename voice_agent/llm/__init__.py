"""A language model behind an OpenAI-compatible endpoint: vLLM, Ollama, llama.cpp and others."""
