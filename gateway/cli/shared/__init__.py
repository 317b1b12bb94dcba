"""What the commands share: arguments, output, errors, and the connection to the broker."""
