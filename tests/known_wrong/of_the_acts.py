"""Known-wrong changes of what people do on pages: rights, repetitions, and what is said of a change."""

from tests.known_wrong.wrong import Edit, Wrong

ACTS = "tests/integration/test_web_acts.py"

OF_THE_ACTS = (
    Wrong(
        "a form that is sent again is another request",
        3,
        (
            Edit(
                "gateway/web/act_pages.py",
                "            wish, words = wish_of(act, said), ",
                '            wish, words = wish_of(act, {**said, "transaction": str(uuid.uuid4())}), ',
            ),
        ),
        f"{ACTS} -k posted_once",
    ),
    Wrong(
        "a change reaches lines that are not the visitor's",
        15,
        (Edit("gateway/web/asking.py", "if not all(visitor.sees(*place) for place in places):", "if not places:"),),
        f"{ACTS} -k judged",
    ),
    Wrong(
        "a change without an answer is called undone",
        10,
        (
            Edit(
                "gateway/web/asking.py",
                'return GatewayAnswer(wish.transaction, "unknown", "", text, {})',
                "return refuse_request(wish, Reason.NOT_STORED, text)",
            ),
        ),
        f"{ACTS} -k goes_away",
    ),
    Wrong(
        "the socket of the web process takes every verb",
        15,
        (Edit("gateway/service/local/control.py", "    if verb not in verbs:\n", "    if not verb:\n"),),
        "tests/cases/test_requests_to_gateways.py -k knows_visitors",
    ),
    Wrong(
        "a right for one line takes requests that reach others",
        15,
        (
            Edit(
                "gateway/service/fold/decode.py",
                "if verb in (LINE_VERBS if is_of_line else GATEWAY_VERBS):",
                "if verb in LINE_VERBS | GATEWAY_VERBS:",
            ),
        ),
        "tests/cases/test_requests_to_gateways.py -k each_kind",
    ),
    Wrong(
        "a change of an order overwrites what came in between",
        3,
        (Edit("gateway/service/fold/amending.py", "    _refuse_out_of_date(new, in_force, said.seen)\n", ""),),
        "tests/unit/service/test_amending.py -k another_one_now",
        quick=True,
    ),
    Wrong(
        "a row of a request is another one than the right was judged for",
        15,
        (
            Edit(
                "gateway/service/fold/amending.py", "            if row.key() != key:", "            if not row.key():"
            ),
        ),
        "tests/unit/service/test_amending.py -k every_import",
        quick=True,
    ),
    Wrong(
        "an order is changed on a line that is not the planner's",
        15,
        (
            Edit(
                "gateway/web/asking.py", "        places = {*found.values()}\n", "        places: set[Place] = set()\n"
            ),
        ),
        "tests/integration/test_web_orders.py -k by_",
    ),
)
