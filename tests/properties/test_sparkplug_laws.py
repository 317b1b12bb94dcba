"""Laws of a Sparkplug host application: which messages of an edge node are believed."""

from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from devices.edge_nodes import ASK_AGAIN_US, GAP, NO_BIRTH, REORDER_US, WINDOW, EdgeNode, Fate, NodeMessage, take, wait
from devices.errors import Rejection
from devices.messages import Turn

Node = EdgeNode[int]


class Host:
    """A node as a host application sees it, and what became of what it was given."""

    def __init__(self) -> None:
        self.node: Node = EdgeNode()
        self.ends: list[tuple[int, Fate | Rejection]] = []
        self.asked: list[int] = []
        self.now = 0

    def hear(self, arrivals: Iterable[NodeMessage[int]], step_us: int = 1000) -> "Host":
        for arrival in arrivals:
            self.now += step_us
            step = take(self.node, arrival, self.now)
            self.node, self.asked = step.node, self.asked + [self.now] * step.ask
            self.ends += step.outcomes
        return self

    def rest(self, us: int = REORDER_US) -> "Host":
        self.now += us
        step = wait(self.node, self.now)
        self.node, self.asked = step.node, self.asked + [self.now] * step.ask
        self.ends += step.outcomes
        return self

    def with_fate(self, fate: Fate | Rejection) -> list[int]:
        return [item for item, end in self.ends if end == fate]


def life(many: int, bdseq: int = 0, first: int = 0) -> list[NodeMessage[int]]:
    """Make a birth, the births of two devices, and data of all three; items count on from `first`."""
    kinds = [("NBIRTH", ""), ("DBIRTH", "A"), ("DBIRTH", "B"), *[("NDATA", ""), ("DDATA", "A"), ("DDATA", "B")] * many]
    return [
        NodeMessage(Turn(kind, seq % 256, bdseq if kind == "NBIRTH" else None), device, first + seq)
        for seq, (kind, device) in enumerate(kinds[:many])
    ]


def death(bdseq: int | None, item: int = -1) -> NodeMessage[int]:
    return NodeMessage(Turn("NDEATH", 0, bdseq), "", item)


def overtaken(sent: list[NodeMessage[int]], jumps: list[int]) -> list[NodeMessage[int]]:
    """Let messages be overtaken by as many others as `jumps` say, so that none comes more than `WINDOW` too early."""
    places = [place + jumps[place % len(jumps)] + 0.5 * bool(jumps[place % len(jumps)]) for place in range(len(sent))]
    return [arrival for _, arrival in sorted(zip(places, sent, strict=True), key=lambda pair: pair[0])]


@given(st.integers(1, 600))
def test_what_comes_in_order_is_taken_at_once(many: int) -> None:
    host = Host().hear(life(many))
    assert host.ends == [(item, Fate.TAKEN) for item in range(many)]
    assert host.asked == []


@given(st.integers(2, 600), st.lists(st.integers(0, WINDOW), min_size=1, max_size=40))
def test_messages_that_overtake_each_other_are_taken_as_they_were_sent(many: int, jumps: list[int]) -> None:
    birth, *rest = life(many)
    host = Host().hear([birth, *overtaken(rest, jumps)])
    assert host.ends == [(item, Fate.TAKEN) for item in range(many)]
    assert host.asked == []


@given(st.integers(1, 300), st.data())
def test_a_repetition_changes_nothing(many: int, data: st.DataObject) -> None:
    sent = life(many)
    host = Host().hear(sent)
    again = sent[data.draw(st.integers(max(1, many - WINDOW), many)) :]
    known = host.node
    host.ends.clear()
    host.hear(again)
    assert {end for _, end in host.ends} <= {Fate.STALE}
    assert host.node == known


@given(st.integers(5, 300), st.integers(0, 255), st.integers(1, 100))
def test_the_death_of_an_earlier_connection_changes_nothing(many: int, bdseq: int, earlier: int) -> None:
    host = Host().hear(life(many, bdseq))
    known = host.node
    host.hear([death((bdseq - earlier) % 256)])
    assert host.node == known
    assert host.ends[-1] == (-1, Fate.STALE)
    host.hear([death(bdseq, -2)])
    assert host.ends[-1] == (-2, Fate.TAKEN)
    assert host.node.seq is None


@given(st.integers(30, 600), st.data())
def test_a_loss_is_asked_for_once_and_mended_by_the_next_birth(many: int, data: st.DataObject) -> None:
    sent = life(many)
    lost = data.draw(st.integers(1, many - 2))
    host = Host().hear(sent[:lost] + sent[lost + 1 : lost + 1 + WINDOW // 2]).rest()
    assert len(host.asked) == 1
    assert host.with_fate(Fate.TAKEN) == list(range(lost))
    assert host.with_fate(GAP) == [arrival.item for arrival in sent[lost + 1 : lost + 1 + WINDOW // 2]]
    host.hear(sent[lost + 1 + WINDOW // 2 :])
    assert len(host.asked) == 1, "asked again too soon"
    host.ends.clear()
    host.hear(life(20, 1, first=1000))
    assert host.ends == [(item, Fate.TAKEN) for item in range(1000, 1020)]


def test_a_node_that_does_not_answer_is_asked_again() -> None:
    data = [NodeMessage(Turn("NDATA", 7), "", 1)]
    host = Host().hear(data).hear(data)
    assert len(host.asked) == 1
    host.hear(data, ASK_AGAIN_US)
    assert len(host.asked) == 2
    assert set(host.ends) == {(1, NO_BIRTH)}


def test_a_clock_that_was_set_back_keeps_no_node_from_being_asked() -> None:
    host = Host()
    host.now = 3 * ASK_AGAIN_US
    host.hear(life(4)[3:])
    host.now = 0
    assert len(host.hear(life(4)[3:]).asked) == 2


def test_the_death_of_a_newer_connection_ends_the_life() -> None:
    host = Host().hear([*life(3, bdseq=255), death(0)])
    assert host.ends[-1] == (-1, Fate.TAKEN)
    assert host.node.seq is None


def test_a_message_may_overtake_as_many_as_the_window_holds() -> None:
    sent = life(WINDOW + 6)
    early, too_early = (Host().hear([*sent[:3], sent[3 + WINDOW + more]]) for more in (0, 1))
    assert (len(early.node.held), len(early.ends)) == (1, 3)
    assert too_early.ends[3:] == [(3 + WINDOW + 1, GAP)]


def test_a_device_that_was_not_born_is_asked_for() -> None:
    host = Host().hear([*life(3), NodeMessage(Turn("DDATA", 3), "C", 9), NodeMessage(Turn("NDATA", 4), "", 10)])
    assert host.ends[3:] == [(9, NO_BIRTH), (10, Fate.TAKEN)]
    assert len(host.asked) == 1


def test_a_device_that_died_has_to_be_born_again() -> None:
    gone, data = NodeMessage(Turn("DDEATH", 3), "A", 9), NodeMessage(Turn("DDATA", 4), "A", 10)
    back, more = NodeMessage(Turn("DBIRTH", 5), "A", 11), NodeMessage(Turn("DDATA", 6), "A", 12)
    host = Host().hear([*life(3), gone, data, back, more])
    assert [end for _, end in host.ends[3:]] == [Fate.TAKEN, NO_BIRTH, Fate.TAKEN, Fate.TAKEN]


arrivals = st.builds(
    NodeMessage[int],
    st.builds(
        Turn,
        st.sampled_from(["NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH", "NDEATH"]),
        st.integers(0, 30) | st.integers(0, 255),
        st.none() | st.integers(0, 3),
    ),
    st.sampled_from(["A", "B"]),
    st.just(0),
)


@given(st.lists(arrivals, max_size=80), st.lists(st.sampled_from([0, 1, REORDER_US, -REORDER_US]), min_size=1))
def test_each_message_ends_once_whatever_comes(sent: list[NodeMessage[int]], pauses: list[int]) -> None:
    host = Host()
    for place, arrival in enumerate(sent):
        host.hear([arrival._replace(item=place)])
        assert len(host.node.held) <= WINDOW
        host.rest(pauses[place % len(pauses)])
    host.now = REORDER_US * 200
    host.rest()
    assert Counter(item for item, _ in host.ends) == Counter(range(len(sent)))
    host.ends.clear()
    host.hear(life(20, 7))
    assert [end for _, end in host.ends] == [Fate.TAKEN] * 20
