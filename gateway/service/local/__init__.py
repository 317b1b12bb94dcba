"""On this machine: commands by the control socket, and backups."""
