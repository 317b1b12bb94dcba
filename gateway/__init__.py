"""The backflush gateway: counted pieces become posted documents."""
