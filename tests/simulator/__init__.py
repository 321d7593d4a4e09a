"""A whole installation on a fake clock, network and Redis; a seed replays everything that happened."""
