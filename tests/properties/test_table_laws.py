"""The law of tables: on a screen of any width every value is shown whole under or beside its heading."""

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.cli.shared.layout import ColumnHead, cells_wide, lines_of

WORDS = st.text("abcXYZ019.-ÄßポンプÅ", min_size=1, max_size=40)
NUMBERS = st.decimals(-(10**14), 10**14, places=6, allow_nan=False).map(lambda number: f"{number:f}")
SENTENCES = st.lists(WORDS, min_size=3, max_size=12).map(" ".join)
GROUPED = st.integers(0, 10**14).map(lambda number: f"{number:,}".replace(",", " "))
CONSTANT = [(st.just("1000"), False), (st.just("PCC 1000 PUMP-40 0001"), False), (st.just("1 234 567"), True)]
COLUMNS = st.sampled_from([(NUMBERS, True), (GROUPED, True), (WORDS, False), (SENTENCES, False), *CONSTANT])
HEADINGS = ("document", "posting date", "yield", "why it waits", "unit", "cost object", "計数器", "point")


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[ColumnHead], list[list[str]]]:
    kinds = draw(st.lists(COLUMNS, min_size=1, max_size=len(HEADINGS)))
    rows = draw(st.lists(st.tuples(*(kind for kind, _ in kinds)).map(list), min_size=1, max_size=6))
    return [ColumnHead(HEADINGS[index], numbers) for index, (_, numbers) in enumerate(kinds)], rows


ZERO = (
    [ColumnHead(text, numbers=text not in ("document", "unit")) for text in HEADINGS[:6]],
    [
        ["00 00 00", "0.000000", "0.000000", "0.000000", "000000", "1"],
        ["00 00000 0000000000", "0.000000", "-0.000001", "0.000001", "1", "0"],
    ],
)
"""A zero that has no room in its column, which is left out below it."""


@example(ZERO, 60)
@given(tables(), st.sampled_from([20, 60, 80, 120, 200]))
def test_every_value_and_every_heading_is_shown_whole(
    table: tuple[list[ColumnHead], list[list[str]]], width: int
) -> None:
    headings, rows = table
    said = "\n".join(lines_of(headings, rows, width))
    told = {word.rstrip(",") for word in said.split()}
    for index, heading in enumerate(headings):
        assert all(word in told for word in heading.text.split()), said
        for row in rows:
            left_out = heading.numbers and row[index] == "0"
            for word in [] if left_out else row[index].split(" "):
                assert word.rstrip(",") in told, (word, said)


@given(tables(), st.integers(20, 120))
def test_no_line_breaks_within_a_number_nor_within_a_name_that_fits_on_a_line(
    table: tuple[list[ColumnHead], list[list[str]]], width: int
) -> None:
    """Above a table, in it, under its rows and in blocks; a column with something longer than names has sentences."""
    headings, rows = table
    lines = lines_of(headings, rows, width)
    room = width - 4 - max(cells_wide(heading.text) for heading in headings)
    for index, heading in enumerate(headings):
        cells = [row[index] for row in rows]
        for value in cells:
            if heading.numbers or (max(map(len, cells)) <= 32 and cells_wide(value) < room):
                assert any(value in line for line in lines), (value, lines)


@given(tables(), st.integers(10, 40))
def test_on_a_narrow_screen_only_what_cannot_be_parted_is_wider(
    table: tuple[list[ColumnHead], list[list[str]]], width: int
) -> None:
    """Sentences are folded to what a heading leaves of the screen, however little that is."""
    headings, rows = table
    lines = lines_of(headings, rows, width)
    cells = [(heading, cell) for row in rows for heading, cell in zip(headings, row, strict=True)]
    words = (word for heading, cell in cells for word in ([cell] if heading.numbers else cell.split(" ")))
    longest = max(map(cells_wide, words))
    most = max(cells_wide(heading.text) for heading in headings) + 2 + longest
    assert all(cells_wide(line) <= max(width, most) for line in lines), "\n".join(lines)


@given(tables())
def test_without_a_terminal_every_row_is_one_line_with_all_of_its_values(
    table: tuple[list[ColumnHead], list[list[str]]],
) -> None:
    headings, rows = table
    lines = lines_of(headings, rows, None)
    assert len(lines) == 1 + len(rows)
    for row, line in zip(rows, lines[1:], strict=True):
        assert line.split() == " ".join(row).split()


@given(tables(), st.integers(1, 300))
def test_a_table_that_needs_no_room_is_the_same_at_every_width(
    table: tuple[list[ColumnHead], list[list[str]]], more: int
) -> None:
    headings, rows = table
    natural = lines_of(headings, rows, None)
    assert lines_of(headings, rows, max(map(cells_wide, natural)) + len(headings) * 60 + more) == natural
