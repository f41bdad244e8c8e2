"""Ears and mouth: turn detection, recognition, synthesis, and German and English as spoken."""
