"""The moderators' console, word lists, notes and the log of acts, as pages. It never writes to a stream itself."""
