"""The schedule, the channel page and the pass to its chat."""
