"""The database: its tables, connections, schema, copies and roles."""
