"""The console, announcements, word lists, notes and the log of acts, as pages. It writes to no stream itself."""
