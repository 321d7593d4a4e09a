"""Drills: real processes are killed, frozen, cut off and lied to under load; what was acknowledged stays."""
