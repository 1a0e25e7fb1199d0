"""Prompts as data files, and the one renderer that fills them."""
