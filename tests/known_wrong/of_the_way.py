"""Known-wrong changes of the way that messages take: decoders, connection, journal, pump, publisher."""

from tests.known_wrong.wrong import Edit, Wrong

CORE = "tests/simulation/test_core.py"
POWER = "tests/simulation/test_power.py"
PUBLISHER = "tests/unit/service/test_publisher.py"
SOME_SEEDS = (("SIMULATION_SEEDS", "12"),)

OF_THE_WAY = (
    Wrong(
        "a message is acknowledged before it is in the journal",
        1,
        (
            Edit(
                "gateway/service/receive/front.py",
                "        entries = [a.entry for a in taken if a.entry is not None]\n",
                "        entries = [a.entry for a in taken if a.entry is not None]\n"
                "        for a in taken:\n"
                "            if a.epoch:\n"
                "                self._acknowledge(a.epoch, [a.mid])\n",
            ),
        ),
        f"{CORE} -k [1]",
        quick=True,
    ),
    Wrong(
        "a packet id of an earlier connection is acknowledged",
        1,
        (
            Edit(
                "gateway/mqtt/client.py",
                "if epoch == self.epoch and self._link is not None:",
                "if self._link is not None:",
            ),
        ),
        "tests/integration/test_mqtt_client.py -k earlier_connections",
    ),
    Wrong(
        "the journal is not synced at each commit",
        8,
        (Edit("gateway/journal/file.py", '"PRAGMA synchronous = FULL"', '"PRAGMA synchronous = NORMAL"'),),
        POWER,
    ),
    Wrong(
        "the name of a new data folder is not synced",
        8,
        (
            Edit(
                "gateway/journal/file.py",
                "                    sync_folder(path.absolute().parent.parent)\n",
                "                    pass\n",
            ),
        ),
        POWER,
    ),
    Wrong(
        "batches are folded in another order",
        3,
        (
            Edit(
                "gateway/service/fold/pump.py",
                "            for batch in batches:\n",
                "            for batch in reversed(list(batches)):\n",
            ),
        ),
        CORE,
        SOME_SEEDS,
    ),
    Wrong(
        "a scanner is told ok before the commit",
        8,
        (Edit("gateway/service/tell/pending_replies.py", '"queued", Reason.QUEUED', '"ok", Reason.OK'),),
        CORE,
        SOME_SEEDS,
    ),
    Wrong(
        "events count as arrived when they are sent",
        8,
        (
            Edit(
                "gateway/service/tell/publisher.py",
                "        self._sent, self._half = number, _NONE\n",
                "        self._sent, self._half = number, _NONE\n        self._set_cursor(number)\n",
            ),
        ),
        PUBLISHER,
    ),
    Wrong(
        "what was lost while the outbox was read is left out",
        8,
        (
            Edit(
                "gateway/service/tell/publisher.py",
                "            if after != self._sent:\n",
                "            if after < 0:\n",
            ),
        ),
        PUBLISHER,
    ),
    Wrong(
        "what was committed while the outbox was read waits for the next document",
        8,
        (
            Edit(
                "gateway/service/tell/publisher.py",
                "        elif newest % HEAD_STRIDE < documents:\n",
                "        elif posted:\n",
            ),
            Edit(
                "gateway/service/tell/publisher.py",
                "                if after % HEAD_STRIDE < self._documents:\n",
                "                if after < 0:\n",
            ),
        ),
        PUBLISHER,
    ),
    Wrong(
        "events that were committed before the start are not sent",
        8,
        (
            Edit(
                "gateway/service/tell/publisher.py",
                "            self._sent = cursor\n            self._fall_behind()\n",
                "            self._sent = cursor\n",
            ),
        ),
        PUBLISHER,
    ),
    Wrong(
        "retained production messages are counted",
        2,
        (
            Edit(
                "gateway/service/fold/decode.py",
                'if entry.size or (entry.retain and kind != "state"):',
                "if entry.size:",
            ),
            Edit(
                "gateway/service/fold/decode.py",
                "if route is not None and not entry.retain and not entry.size:",
                "if route is not None and not entry.size:",
            ),
        ),
        "tests/integration/test_bad_input.py -k retained",
    ),
    Wrong(
        "of a key that comes twice the last one is taken",
        2,
        (
            Edit(
                "devices/decoders/strict_json.py",
                "    if len({key for key, _ in pairs}) < len(pairs):\n",
                "    if len({key for key, _ in pairs}) > len(pairs):\n",
            ),
        ),
        "tests/unit/devices/test_decoders.py -k 'twice or bad_counts'",
    ),
    Wrong(
        "a standby receives before the lines are its own",
        19,
        (Edit("gateway/service/receive/session_owner.py", "        await self._told.wait()\n", ""),),
        "tests/integration/test_standby.py -k takes_over_from_a_paused",
    ),
    Wrong(
        "a journal that was left behind is folded as if nobody had had the lines",
        19,
        (Edit("gateway/ledger/store/leases.py", ".values(behind=end)", ".values(behind=0)"),),
        "tests/integration/test_standby.py -k left_behind",
    ),
    Wrong(
        "what the broker has kept for a gateway is taken though another had the lines",
        19,
        (Edit("gateway/ledger/store/leases.py", "new_session or other.gateway != gateway or", "new_session or"),),
        "tests/integration/test_standby.py -k another_id",
    ),
    Wrong(
        "a gateway that is stopped while it sends a commit holds its locks",
        19,
        (
            Edit(
                "gateway/ledger/store/leases.py",
                '    connection.execute(_THROW_OUT, {"seconds": ttl / 1_000_000})\n',
                "",
            ),
        ),
        "tests/integration/test_ledger_writers.py -k stopped_while_it_sends",
    ),
    Wrong(
        "a damaged batch of the journal is believed",
        8,
        (Edit("gateway/journal/reader.py", "if check != checksum(number, at, body):", "if not check:"),),
        "tests/unit/journal/test_journal.py -k damaged",
    ),
    Wrong(
        "the journal's time goes back with every adjustment of the clock",
        13,
        (Edit("gateway/journal/file.py", "max(at, self._at + 1) if", "at if"),),
        "tests/unit/journal/test_journal.py -k goes_back",
    ),
    Wrong(
        "reading does not pause while the disk is slow",
        17,
        (
            Edit(
                "gateway/mqtt/wire/backpressure.py",
                "        return self._deliveries >= MAX_HELD or self._bytes >= MAX_HELD_BYTES\n",
                "        return self._deliveries < 0\n",
            ),
        ),
        "tests/integration/test_mqtt_client.py -k pauses",
    ),
)
