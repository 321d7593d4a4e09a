"""A stranger with a socket."""
