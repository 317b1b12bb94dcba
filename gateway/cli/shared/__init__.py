"""The shared parts of commands: arguments, output, errors, and the connection to the broker."""
