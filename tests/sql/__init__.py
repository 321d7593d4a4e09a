"""Sentences about what is remembered."""
