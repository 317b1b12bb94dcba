"""The plant as master data describes it: versions, calendars, and the explosion of a product into its items."""
