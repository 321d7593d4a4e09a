"""Conferences, their channels and sessions, as pages. It never speaks in a live room."""
