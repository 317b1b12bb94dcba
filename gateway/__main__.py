"""The program: `backflush`, or `python -m gateway`."""

import gc
import sys

from gateway.service.cycles import search_rarely


def main() -> None:
    """Run the command line and end with its exit status."""
    search_rarely()
    from gateway.cli.shared.streams import fill_closed_streams

    fill_closed_streams()
    from gateway.cli.root import main as command_line

    status = command_line()
    gc.freeze()  # nothing is searched or freed at the end
    sys.exit(status)


if __name__ == "__main__":
    main()
