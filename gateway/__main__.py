"""The program: `backflush`, or `python -m gateway`."""

import gc
import sys


def main() -> None:
    """Run the command line and end with its exit status."""
    # Objects that a command loads stay until its end, and those of a message die by reference: searching them for
    # cycles, and freeing them at the end, would take a third of a report's time and a quarter of a running gateway's.
    gc.set_threshold(50_000, 20, 100)
    from gateway.cli.shared.streams import fill_closed_streams

    fill_closed_streams()
    from gateway.cli.root import main as command_line

    status = command_line()
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    main()
