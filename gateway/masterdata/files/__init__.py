"""Files of people: CSV, workbooks and YAML, read and written."""
