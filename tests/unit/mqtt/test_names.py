"""What is published can never be an illegal topic: the broker would hang up, again and again."""

import pytest

from gateway.mqtt.topic_names import sendable


@pytest.mark.parametrize(
    "topic", ["", "+", "bf/v1/1000/+/_status", "bf/v1/#", "a\x00b", "a\nb", "\ud800", "x" * 65_536, "\u00e9" * 40_000]
)
def test_a_topic_that_no_broker_takes_is_not_sent(topic: str) -> None:
    assert not sendable(topic)


@pytest.mark.parametrize("topic", ["bf/v1/1000/L04/_status", "$SYS/x", "a b", "x" * 65_535, "\u00e9"])
def test_every_other_topic_is(topic: str) -> None:
    assert sendable(topic)
