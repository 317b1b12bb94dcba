"""Knowledge of other publishers is bounded, and void where their births say so."""

from devices.messages import Names
from devices.sources.knowledge import MOST_NAMES, Knowledge, Lesson


def test_a_birth_of_a_node_makes_void_what_stands_below_that_node_alone() -> None:
    known = Knowledge()
    scopes = ["G/N", "G/N/D1", "G/N/D2", "G/N2", "G/N2/D1", "G/NN"]
    for decoder in ("sparkplug", "other"):
        known.learn(Lesson(known.lesson(decoder, [Names(scope, (("1", "good"),)) for scope in scopes]) or {}))
    for _ in range(2):  # what is void is not found again
        lesson = known.lesson("sparkplug", [Names("G/N", (("2", "good"),), whole=True)])
        assert lesson is not None
        gone = {scope for (decoder, scope), names in lesson.items() if decoder == "sparkplug" and names is None}
        assert lesson["sparkplug", "G/N"] == {"2": "good"}
        known.learn(Lesson(lesson))
        left = {(decoder, scope) for decoder in ("sparkplug", "other") for scope in scopes}
        assert known.names.keys() == left - {("sparkplug", "G/N/D1"), ("sparkplug", "G/N/D2")}
    assert gone == set()


def test_more_names_than_can_be_kept_are_refused_and_those_before_hold() -> None:
    known = Knowledge()
    some = [(str(number), f"n{number}") for number in range(MOST_NAMES)]
    first = known.lesson("s7databus", [Names("a", tuple(some), whole=True)])
    assert first is not None
    known.learn(Lesson(first))
    assert known.lesson("s7databus", [Names("b", (("1", "n"),))]) is None
    assert known.name_of("s7databus", "a", "7") == "n7"
    less = known.lesson("s7databus", [Names("a", (("1", "good"),), whole=True)])
    assert less == {("s7databus", "a"): {"1": "good"}}
    known.learn(Lesson(less))
    assert known.lesson("s7databus", [Names("b", (("1", "n"),))]) is not None
