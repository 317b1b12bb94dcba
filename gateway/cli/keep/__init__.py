"""Commands for safekeeping: backup and restore."""
