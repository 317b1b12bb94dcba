"""Sources: messages of other publishers become totals and scans of our devices, by configuration alone.

    source      the configuration as values
    judge       the one rule that judges it
    knowledge   what publishers have said of themselves: names of ids, lives of edge nodes
    reading     topic, payload and knowledge in, `Interpretation` out
    explain     an interpretation in words

>>> from devices.sources.judge import faults
>>> from devices.sources.knowledge import Knowledge
>>> from devices.sources.reading import ForeignMessage, Sources
>>> from devices.sources.source import ForeignSource, MapRow
>>> press = ForeignSource("tele/+/SENSOR", "tasmota", (MapRow("c-press", "C1", "tele/press1/SENSOR"),))
>>> list(faults([press], "bf/v1"))
[]
>>> payload = b'{"Time":"2026-11-22T08:15:30","COUNTER":{"C1":5}}'
>>> told = Sources([press]).read(ForeignMessage("tele/press1/SENSOR", payload, 0), Knowledge(), lambda device: None)
>>> told.parts[0].device, told.parts[0].reading.good
('c-press', 5)
"""
