"""Sentences about what the program is told and how it starts."""
