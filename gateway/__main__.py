"""The program: `backflush`, or `python -m gateway`."""

import gc
import sys


def main() -> None:
    """Run the command line and end with its exit status."""
    # What a command loads stays until it ends, and what is made per message dies by reference: to look for cycles among
    # it, and to take it apart at the end, would be a third of a report's time and a quarter of a running gateway's.
    gc.set_threshold(50_000, 20, 100)
    from gateway.cli.shared.streams import fill_closed_streams

    fill_closed_streams()
    from gateway.cli.root import main as command_line

    status = command_line()
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    main()
