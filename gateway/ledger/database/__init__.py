"""The database: its tables, how it is opened, created, copied, and who may do what in it."""
