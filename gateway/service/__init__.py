"""The pump and what stands around it: from journal entries to commits, and from commits to messages."""
