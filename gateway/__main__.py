"""The program: `backflush`, or `python -m gateway`."""

import sys


def main() -> None:
    """Run the command line and end with its exit status."""
    from gateway.cli.shared.streams import fill_closed_streams

    fill_closed_streams()
    from gateway.cli.root import main as command_line

    sys.exit(command_line())


if __name__ == "__main__":
    main()
