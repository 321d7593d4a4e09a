"""Who people are: sign in, sign out, the language they read. It never shows a conference."""
