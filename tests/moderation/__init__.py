"""The moderators' console, its log and word lists."""
