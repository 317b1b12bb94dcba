"""The broker's side: one connection that loses nothing, the topics, and an embedded broker for the demo.

No names are exported here: a module that only reads the name of a line would load the client and its loop.
"""
