"""Sentences about the socket server: pure machines first, then real processes."""
