"""The local side: commands by the control socket, and backups."""
