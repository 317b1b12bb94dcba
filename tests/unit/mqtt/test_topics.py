"""Topics are read strictly and written in one place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import Malformed, Rejection
from devices.filters import overlaps
from gateway.errors import UsageError
from gateway.mqtt.topics import CanaryTopic, DeviceTopic, GatewayRequestTopic, Kind, RequestTopic, Topic, Topics

TOPICS = Topics("bf/v1", "g1")

names = st.from_regex(r"[A-Za-z0-9.-][A-Za-z0-9_.-]{0,39}", fullmatch=True)
devices = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", fullmatch=True).filter(
    lambda text: text not in {"count", "scan", "state", "info", "health", "alert", "event", "log"}
)
kinds: st.SearchStrategy[Kind] = st.sampled_from(("count", "scan", "state"))


@pytest.mark.parametrize(
    ("topic", "meaning"),
    [
        ("bf/v1/1000/L04/c1/count", DeviceTopic("1000", "L04", "c1", "count")),
        ("bf/v1/1000/L04/c1/scan", DeviceTopic("1000", "L04", "c1", "scan")),
        ("bf/v1/1000/L04/c1/state", DeviceTopic("1000", "L04", "c1", "state")),
        ("bf/v1/1000/_/hand-7/scan", DeviceTopic("1000", "_", "hand-7", "scan")),
        ("bf/v1/a.b-c_d/L.4/X/count", DeviceTopic("a.b-c_d", "L.4", "X", "count")),
        ("bf/v1/1000/L04/_request/run-start", RequestTopic("1000", "L04", "run-start")),
        ("bf/v1/_gateway/g1/_canary/count", CanaryTopic("g1", "count")),
        ("bf/v1/_gateway/g2/_request/period", GatewayRequestTopic("g2", "period")),
    ],
)
def test_what_a_topic_means(topic: str, meaning: Topic) -> None:
    assert TOPICS.parse(topic) == meaning


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "bf/v1",
        "bf/v1/",
        "bf/v2/1000/L04/c1/count",
        "xbf/v1/1000/L04/c1/count",
        "bf/v1/1000/L04/count",
        "bf/v1/1000/L04/c1/x/count",
        "bf/v1/1000/L04/c1/feedback",
        "bf/v1/1000/L04/c1/COUNT",
        "bf/v1/1000/L04/c1/count/",
        "bf/v1/1000/L04/_request/",
        "bf/v1/1000/L04/_request/_x",
        "bf/v1/1000/L04/_response/run-start",
        "bf/v1/_gateway/g1/_request/",
        "bf/v1/_gateway/g1/_request/_x",
        "bf/v1/_gateway/g1/_response/period",
        "bf/v1/1000//c1/count",
        "bf/v1/_1000/L04/c1/count",
        "bf/v1/1000/_L04/c1/count",
        "bf/v1/_gateway/g1/state",
        "bf/v1/_gateway/g1/x/state",
        "bf/v1/1000/L04/_c1/count",
        "bf/v1/1000/L04/c.1/count",
        "bf/v1/1000/L04/-c1/count",
        "bf/v1/1000/L04/count/count",
        "bf/v1/1000/L04/health/state",
        "bf/v1/1000/L04/c 1/count",
        "bf/v1/1000/L04/c1\n/count",
        "bf/v1/1000/L04/ç1/count",
        "bf/v1/1000/L04/" + "c" * 41 + "/count",
        "bf/v1/" + "p" * 41 + "/L04/c1/count",
        "bf/v1/1000/L04/\x1b[2Jc1/count",
        "x" * 65_535,
    ],
)
def test_any_other_topic_is_rejected_with_its_reason(topic: str) -> None:
    rejection = TOPICS.parse(topic)
    assert isinstance(rejection, Rejection)
    assert rejection.code == Malformed.BAD_TOPIC
    assert rejection.text.startswith("expected ")
    assert rejection.text.isascii()
    assert rejection.text.isprintable()
    assert len(rejection.text) < 1000


@given(names, names, devices, kinds)
def test_parsing_gives_back_what_was_built(plant: str, line: str, device: str, kind: Kind) -> None:
    assert TOPICS.parse(TOPICS.device(plant, line, device, kind)) == DeviceTopic(plant, line, device, kind)
    assert TOPICS.parse(TOPICS.request(plant, line, device)) == RequestTopic(plant, line, device)


@given(st.text(max_size=80))
def test_no_topic_is_too_strange_to_parse(text: str) -> None:
    for topic in (text, f"bf/v1/{text}", f"bf/v1/1000/L04/{text}/count"):
        assert isinstance(TOPICS.parse(topic), DeviceTopic | RequestTopic | CanaryTopic | Rejection)


def test_the_gateway_writes_the_topics_of_the_contract() -> None:
    assert [
        TOPICS.status("1000", "L04"),
        TOPICS.point("1000", "L04", "0020"),
        TOPICS.posting("1000", "L04", "receipt"),
        TOPICS.response("1000", "L04", "work"),
        TOPICS.feedback("1000", "L04", "s1"),
        TOPICS.command("1000", "L04", "c1"),
        TOPICS.state,
        TOPICS.info,
        TOPICS.health,
        TOPICS.alert("journal-full"),
        TOPICS.event,
        TOPICS.log,
        TOPICS.canary("scan"),
    ] == [
        "bf/v1/1000/L04/_status",
        "bf/v1/1000/L04/_point/0020",
        "bf/v1/1000/L04/_posting/receipt",
        "bf/v1/1000/L04/_response/work",
        "bf/v1/1000/L04/s1/feedback",
        "bf/v1/1000/L04/c1/command",
        "bf/v1/_gateway/g1/state",
        "bf/v1/_gateway/g1/info",
        "bf/v1/_gateway/g1/health",
        "bf/v1/_gateway/g1/alert/journal-full",
        "bf/v1/_gateway/g1/event",
        "bf/v1/_gateway/g1/log",
        "bf/v1/_gateway/g1/_canary/scan",
    ]


def test_the_filters_of_all_lines_cover_the_canary_as_well() -> None:
    assert TOPICS.filters(["*"]) == [
        "bf/v1/+/+/+/count",
        "bf/v1/+/+/+/scan",
        "bf/v1/+/+/+/state",
        "bf/v1/+/+/_request/+",
    ]


def test_the_filters_of_some_lines_name_them_and_the_canary() -> None:
    assert TOPICS.filters(["1000/*", "2000/L04"]) == [
        "bf/v1/1000/+/+/count",
        "bf/v1/1000/+/+/scan",
        "bf/v1/1000/+/+/state",
        "bf/v1/2000/L04/+/count",
        "bf/v1/2000/L04/+/scan",
        "bf/v1/2000/L04/+/state",
        "bf/v1/1000/+/_request/+",
        "bf/v1/2000/L04/_request/+",
        "bf/v1/_gateway/g1/_request/+",
        "bf/v1/_gateway/g1/_canary/count",
        "bf/v1/_gateway/g1/_canary/scan",
        "bf/v1/_gateway/g1/_canary/state",
    ]


def test_the_filters_of_one_gateway_overlap_in_meaningless_topics_only() -> None:
    for lines in (["*"], ["1000/*", "2000/L04"], ["1000/L04", "1000/L05", "1000/_"]):
        filters = TOPICS.filters(lines)
        both = [(a, b) for a in filters for b in filters if a < b and overlaps(a, b)]
        assert all(b.endswith("/_request/+") for _, b in both)
    for kind in ("count", "scan", "state"):
        assert isinstance(TOPICS.parse(f"bf/v1/1000/L04/_request/{kind}"), Rejection)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["*", "1000/L04"], "overlap"),
        (["1000/*", "1000/L04"], "overlap"),
        (["1000/L04", "1000/L04"], "overlap"),
        (["1000"], "expected"),
        (["1000/"], "expected"),
        (["+/L04"], "expected"),
        (["*/L04"], "expected"),
        (["1000/L04/x"], "expected"),
        (["_gateway/*"], "expected"),
    ],
)
def test_patterns_that_overlap_or_mean_nothing_are_refused(lines: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        TOPICS.filters(lines)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/c", False),
        ("a/+", "a/c", True),
        ("a/+", "+/c", True),
        ("a/+/c", "a/b", False),
        ("a/#", "a", True),
        ("#", "a/b/c", True),
        ("a/b/#", "a/c/#", False),
        ("bf/v1/+/+/+/count", "bf/v1/+/+/_request/+", True),
    ],
)
def test_whether_two_filters_overlap(one: str, other: str, both: bool) -> None:
    assert overlaps(one, other) == overlaps(other, one) == both


@pytest.mark.parametrize(
    ("response_topic", "allowed"),
    [
        ("bf/v1/1000/L04/s1/feedback", True),
        ("bf/v1/1000/L04/s1/answers/17", True),
        ("bf/v1/1000/L04/s1/count", False),
        ("bf/v1/1000/L04/s1/command", False),
        ("bf/v1/1000/L04/s1/", False),
        ("bf/v1/1000/L04/s1", False),
        ("bf/v1/1000/L04/s1/+", False),
        ("bf/v1/1000/L04/s2/feedback", False),
        ("bf/v1/1000/L04/s1x/feedback", False),
        ("bf/v1/1000/L04/_status", False),
        ("other/topic", False),
        ("", False),
    ],
)
def test_a_scanner_is_answered_below_its_own_prefix_only(response_topic: str, allowed: bool) -> None:
    assert TOPICS.may_answer(DeviceTopic("1000", "L04", "s1", "scan"), response_topic) == allowed


@pytest.mark.parametrize(
    ("response_topic", "allowed"),
    [
        ("bf/v1/1000/L04/_response/work", True),
        ("bf/v1/1000/L04/_response/mes/17", True),
        ("bf/v1/1000/L05/_response/work", False),
        ("bf/v1/1000/L04/_request/work", False),
        ("bf/v1/1000/L04/c1/count", False),
    ],
)
def test_a_request_is_answered_below_its_lines_responses_only(response_topic: str, allowed: bool) -> None:
    assert TOPICS.may_answer(RequestTopic("1000", "L04", "work"), response_topic) == allowed


@pytest.mark.parametrize(
    ("response_topic", "allowed"),
    [
        ("bf/v1/_gateway/g1/_response/period", True),
        ("bf/v1/_gateway/g1/_response/mes/17", True),
        ("bf/v1/_gateway/g2/_response/period", False),
        ("bf/v1/_gateway/g1/_request/period", False),
        ("bf/v1/_gateway/g1/state", False),
    ],
)
def test_a_request_to_a_gateway_is_answered_below_its_responses_only(response_topic: str, allowed: bool) -> None:
    assert TOPICS.may_answer(GatewayRequestTopic("g1", "period"), response_topic) == allowed


def test_a_request_to_another_gateway_is_told_from_an_own_one() -> None:
    assert TOPICS.is_of_another(TOPICS.gateway_request("g2", "period"))
    assert not TOPICS.is_of_another(TOPICS.gateway_request("g1", "period"))
    assert not TOPICS.is_of_another(TOPICS.request("1000", "L04", "work"))


@pytest.mark.parametrize("base", ["", "/bf", "bf/", "bf//v1", "bf/+", "#", "$SYS", "bf\n"])
def test_a_base_that_is_no_topic_is_refused(base: str) -> None:
    with pytest.raises(UsageError, match="base_topic"):
        Topics(base, "g1")


@pytest.mark.parametrize(
    ("topic", "ours"),
    [
        ("bf/v1/1000/L04/_device/c1", True),
        ("bf/v1/1000/L04/c1/feedback/more", True),
        ("bf/v1/1000/L04/c1/command", True),
        ("bf/v1/_gateway/g1/_alert/qos", True),
        ("bf/v1/_gateway/g1/_request/period", False),
        ("bf/v1/_gateway/g1/_response/period", True),
        ("homeassistant/device/_bf_2Fv1__1000/L04/config", True),
        ("bf/v1/1000/L04/c1/count", False),
        ("bf/v1/1000/L04/_request/work", False),
        ("bf/v1/1000/count", False),
        ("bf/v2/1000/L04/c1/feedback", False),
        ("press1/feedback", False),
    ],
)
def test_what_gateways_alone_publish_is_ours(topic: str, ours: bool) -> None:
    assert TOPICS.is_ours(topic) == ours


def test_a_line_for_home_assistant_is_written_by_gateways_of_its_base_alone() -> None:
    topic = TOPICS.home_assistant("1000", "L.04")
    assert topic == "homeassistant/device/_bf_2Fv1__1000/L_2E04/config"
    assert TOPICS.is_written(topic)
    assert not Topics("bf/v2", "g1").is_written(topic)
    assert not Topics("bf", "g1").is_written(topic)
