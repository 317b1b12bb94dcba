"""Known-wrong changes of the web pages: what they show, and to whom."""

from tests.known_wrong.wrong import Edit, Wrong

DOORS = "tests/unit/web/test_doors.py"
ACCOUNTS = "tests/unit/web/test_account_rooms.py"

OF_THE_PAGES = (
    Wrong(
        "a beat of a stream is a comment, which a page cannot see",
        19,
        (
            Edit(
                "gateway/web/stream.py",
                'events.append(_event("beat", encode(time.time()), number))',
                'events.append(b": beat\\n\\n")',
            ),
        ),
        "tests/unit/web/test_stream.py -k beat",
    ),
    Wrong(
        "a route needs no right",
        15,
        (
            Edit(
                "gateway/web/board_pages.py",
                'Door("/line/{plant}/{line}/latest", "GET", "read", self._latest)',
                'Door("/line/{plant}/{line}/latest", "GET", None, self._latest)',
            ),
        ),
        f"{DOORS} -k routes_without_an_account",
    ),
    Wrong(
        "a page takes a text as HTML",
        16,
        (
            Edit(
                "gateway/web/templates/admin_users.html",
                '{{ user.lines|join(" ") }}',
                '{{ user.lines|join(" ")|safe }}',
            ),
        ),
        f"{ACCOUNTS} -k hostile",
    ),
    Wrong(
        "a new token stands in an address",
        15,
        (
            Edit(
                "gateway/web/admin_pages.py",
                "return self._show_keys(request, secret=secret) if secret else answer",
                'return RedirectResponse(f"/admin/tokens?secret={secret}", 303) if secret else answer',
            ),
        ),
        f"{ACCOUNTS} -k shown_once",
    ),
    Wrong(
        "a session never ends by itself",
        15,
        (
            Edit(
                "gateway/web/accounts.py",
                "if now_s - used_s >= limits.idle_s or now_s - created_s >= limits.longest_s:",
                "if now_s < created_s:",
            ),
        ),
        f"{DOORS} -k session_that_has_ended",
    ),
)
