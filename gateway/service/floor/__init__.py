"""The floor: the plant as a watcher sees it, by the messages of its gateways."""
