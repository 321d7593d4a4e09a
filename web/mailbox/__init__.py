"""Letters the workers laid aside instead of sending them: for development, never for strangers."""
