"""Files: CSV, workbooks and YAML, read and written."""
