"""Commands that keep what was booked: backup and restore."""
