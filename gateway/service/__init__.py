"""The pump and its surroundings: from journal entries to commits, and from commits to messages."""
