"""When reading pauses: a table of what arrives and what is acknowledged."""

from gateway.mqtt.wire.backpressure import Unacknowledged

MEBIBYTE = 1024 * 1024


def test_held_deliveries_are_counted_down_by_chunks() -> None:
    #        deliveries, bytes (None: acknowledged), full afterwards
    table: list[tuple[int, int | None, bool]] = [
        (16_000, 1_000, False),
        (400, 1_000, True),
        (10, None, True),
        (10, None, False),
        (1, 4 * MEBIBYTE, True),
        (16_380, None, True),
        (1, None, False),
        (5, None, False),
        (20, 3 * MEBIBYTE, False),
        (20, 2 * MEBIBYTE, True),
        (19, None, True),
        (1, None, False),
    ]
    held = Unacknowledged()
    for row, (deliveries, size, full) in enumerate(table):
        if size is None:
            held.drop(deliveries)
        else:
            held.add(deliveries, size)
        assert (row, held.full) == (row, full)
