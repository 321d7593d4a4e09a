"""Sentences about several nodes and several Redis."""
