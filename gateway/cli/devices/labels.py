"""Print cards: the control codes of a plant on sheets and labels, by its master data in force."""

from pathlib import Path

import click

from gateway.backflush.values.names import quote
from gateway.cli.shared.arguments import PLACE, LinePlace, ledger, master_of, refuse_unknown
from gateway.cli.shared.command import Invocation, command, pass_invocation, tell
from gateway.cli.shared.output import print_json
from gateway.errors import UsageError

_KINDS = ("controls", "lines", "points", "versions", "operators", "reasons", "aliases", "test")


@command(example="backflush labels cards.pdf --kind points --line 1000/L04 --language de", data=True)
@click.argument("file", metavar="[FILE.pdf|FILE.svg]", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="The cards to print; by default all.")
@click.option("--line", "place", type=PLACE, help="A plant or line; by default all.")
@click.option("--symbol", type=click.Choice(["qr", "code128"]), default="qr", show_default=True, help="The symbology.")
@click.option(
    "--paper", default="a4", show_default=True, help="a4, or the size of a label in mm as WIDTHxHEIGHT, such as 62x29."
)
@click.option("--language", type=click.Choice(["en", "de"]), default="en", show_default=True, help="Of the words.")
@pass_invocation
def labels(
    invocation: Invocation,
    file: Path | None,
    kinds: tuple[str, ...],
    place: LinePlace | None,
    *,
    symbol: str,
    paper: str,
    language: str,
    as_json: bool,
) -> None:
    """Print the cards that operators scan instead of typing.

    A .pdf holds all pages; an .svg holds one, further ones are FILE-2.svg, FILE-3.svg and so on. --json prints the
    words of the cards and the contents of their symbols, for a label printer's own program.
    """
    from gateway.backflush.values.quantities import number_of
    from gateway.service.labels.cards import KINDS, cards_of
    from gateway.service.labels.drawings import to_pdf, to_svg
    from gateway.service.labels.sheets import PAPER_SAYS, lay_out, paper_of

    size = paper_of(paper)
    if size is None:
        raise UsageError(f"--paper: expected {PAPER_SAYS}, got {quote(paper)}")
    if file is None and not as_json:
        raise UsageError("expected the name of a .pdf or .svg file to write, got none")
    if file is not None and file.suffix.lower() not in (".pdf", ".svg"):
        raise UsageError(f"expected the name of a .pdf or .svg file to write, got {str(file)!r}")
    place = place or LinePlace()
    with ledger(invocation) as connection:
        refuse_unknown(connection, place=place)
        cards, unfit = cards_of(master_of(connection), kinds or KINDS, place.plant, place.line, language)
    if not cards:
        raise UsageError("there is nothing to print; `backflush masterdata import` brings what cards are made of")
    for name in unfit:
        tell(f"not printed, since a control code holds only A-Z a-z 0-9 _ . -: {name}")
    if as_json:
        print_json([{**card._asdict(), "printed": card.text} for card in cards])
    if file is None:
        return
    sheets = lay_out(cards, size, symbol)
    for card in sheets.left_out:
        tell(f"not printed, since it does not fit on {paper} as {symbol}: {card.code}")
    if not sheets.pages:
        raise UsageError(
            f"no card fits on {paper} as {symbol}: use larger labels" + (", or qr" if symbol != "qr" else "")
        )
    if file.suffix.lower() == ".pdf":
        file.write_bytes(to_pdf(sheets))
    else:
        for number, page in enumerate(to_svg(sheets), 1):
            path = file if number == 1 else file.with_stem(f"{file.stem}-{number}")
            path.write_text(page, encoding="utf-8")
    printed = number_of(len(cards) - len(sheets.left_out), "card")
    tell(f"{printed} on {number_of(len(sheets.pages), 'page')} in {file}")
