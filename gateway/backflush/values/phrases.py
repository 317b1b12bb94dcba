"""Phrases: what scanners show, in each language, in one table.

Codes and data are the same in every language. Laws: every phrase stands in every language, with the fields of the
English one; only a field that holds an English sentence stands in the English phrase alone.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Language = Literal["en", "de"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
ENGLISH: Final[Language] = "en"

PHRASES: Final[Mapping[str, tuple[str, str]]] = {
    # titles
    "run": ("RUN", "LAUF"),
    "no_run": ("NO RUN", "KEIN LAUF"),
    "start": ("START", "START"),
    "stop": ("STOP", "STOPP"),
    "point": ("POINT", "MELDEPUNKT"),
    "line": ("LINE", "LINIE"),
    "operator": ("OPERATOR", "WERKER"),
    "yield": ("YIELD", "GUTTEILE"),
    "info": ("INFO", "INFO"),
    "begin": ("BEGIN", "NEUBEGINN"),
    "closed": ("CLOSED", "GEBUCHT"),
    "empty": ("EMPTY", "NICHTS OFFEN"),
    "undone": ("UNDONE", "ZURÜCKGENOMMEN"),
    "not_undone": ("NOT UNDONE", "NICHT ZURÜCKGENOMMEN"),
    "nothing_to_undo": ("NOTHING TO UNDO", "NICHTS ZURÜCKZUNEHMEN"),
    "not_begun": ("NOT BEGUN", "NICHT BEGONNEN"),
    "not_posted": ("NOT POSTED", "NICHT GEBUCHT"),
    "not_stored": ("NOT STORED", "NICHT GESPEICHERT"),
    "stored": ("STORED", "GESPEICHERT"),
    "twice": ("ALREADY SCANNED", "BEREITS GESCANNT"),
    "counted_before": ("ALREADY COUNTED", "BEREITS GEMELDET"),
    "lost_before": ("ALREADY LOST", "BEREITS ALS VERLUST GEMELDET"),
    "which_line": ("WHICH LINE?", "WELCHE LINIE?"),
    "which_point": ("WHICH POINT?", "WELCHER MELDEPUNKT?"),
    "which_operator": ("WHICH OPERATOR?", "WELCHER WERKER?"),
    "which_reason": ("WHICH REASON?", "WELCHER GRUND?"),
    "not_chosen": ("NOT CHOSEN", "NICHT GEWÄHLT"),
    "quantity_of": ("{pieces} x", "{pieces} x"),
    "pallet": ("PALLET {title}", "PALETTE {title}"),
    "closed_of": ("CLOSED {title}", "GEBUCHT {title}"),
    "waits_title": ("{title} WAIT", "{title} WARTEN"),
    # kinds of pieces, behind a quantity and its unit
    "scrap": ("SCRAP", "AUSSCHUSS"),
    "lost": ("LOST", "VERLUST"),
    "rework": ("REWORK", "NACHARBEIT"),
    "component": ("COMPONENT", "KOMPONENTE"),
    "component_scrap": ("COMPONENT SCRAP", "KOMPONENTENAUSSCHUSS"),
    "by_product": ("BY PRODUCT", "KUPPELPRODUKT"),
    "activity": ("ACTIVITY", "LEISTUNG"),
    # the next step
    "scan_label": ("scan the label", "Etikett scannen"),
    "scan_product": (
        "scan a label of the product that {line} makes now",
        "Etikett des Produkts scannen, das {line} jetzt fertigt",
    ),
    "scan_line": ("scan the card of the line first", "zuerst die Karte der Linie scannen"),
    "scan_card": (
        "this begins as a card: scan the whole card again",
        "das beginnt wie eine Karte: die ganze Karte noch einmal scannen",
    ),
    "number_on_card": (
        "the number on a card must be a whole one from {least} to {most}: scan the right card",
        "die Zahl auf einer Karte muss ganz sein, von {least} bis {most}: die richtige Karte scannen",
    ),
    "scan_again": ("not stored, scan again", "nicht gespeichert, noch einmal scannen"),
    "safe": ("safe, not yet posted", "sicher, noch nicht gebucht"),
    "good_pieces": ("quantities are good pieces", "Mengen sind Gutteile"),
    "ended": ("{choice} had ended", "{choice} war abgelaufen"),
    # runs
    "makes": ("{line} makes {product}", "{line} fertigt {product}"),
    "makes_from": ("{line} makes {product} from {start} on", "{line} fertigt {product} ab {start}"),
    "makes_until": (
        "{line} makes {product} until {end}, when {next} begins",
        "{line} fertigt {product} bis {end}, dann beginnt {next}",
    ),
    "makes_within": (
        "{line} makes {product} from {start} until {end}, when {next} begins",
        "{line} fertigt {product} von {start} bis {end}, dann beginnt {next}",
    ),
    "made_only": (
        "{line} made {product} from {start} to {end} only: {next} goes on since then",
        "{line} fertigte {product} nur von {start} bis {end}: seitdem läuft {next}",
    ),
    "made_before": (
        "{line} made {product} from {start} to {end} only, when {next} began",
        "{line} fertigte {product} nur von {start} bis {end}, dann begann {next}",
    ),
    "had_no_run": ("{line} had no run", "{line} hatte keinen Lauf"),
    "run_ends": ("the run of {line} ends: {product}", "der Lauf von {line} endet: {product}"),
    "run_ended": ("the run of {line} ends at {end}: {product}", "der Lauf von {line} endet am {end}: {product}"),
    "counters_wait": (
        "until a run begins, messages of its counters wait in quarantine ({why}); labels are posted by their product",
        "bis ein Lauf beginnt, warten Meldungen der Zähler in Quarantäne; Etiketten werden auf ihr Produkt gebucht",
    ),
    "counters_count": (
        "until a run begins, its counters count {product}; labels are posted by their product",
        "bis ein Lauf beginnt, zählen die Zähler {product}; Etiketten werden auf ihr Produkt gebucht",
    ),
    # postings
    "shift_total": ("{where}: {total} this shift", "{where}: {total} in dieser Schicht"),
    "day_total": ("{where}: {total} today", "{where}: {total} heute"),
    "earlier_total": ("{where}: {total} on {date} {shift}", "{where}: {total} am {date} {shift}"),
    "posted_of": ("{posted} posted", "{posted} gebucht"),
    "waits_one": ("{units} waits for point {point}", "{units} wartet auf Meldepunkt {point}"),
    "waits_many": ("{units} wait for point {point}", "{units} warten auf Meldepunkt {point}"),
    "documents_one": ("{count} document", "{count} Beleg"),
    "documents_many": ("{count} documents", "{count} Belege"),
    "serial_in": (
        "serial number {number} is in document {document}",
        "Seriennummer {number} steht in Beleg {document}",
    ),
    "sscc_in": ("pallet {number} is in document {document}", "Palette {number} steht in Beleg {document}"),
    "nothing_counted": (
        "nothing was counted for this pallet on {line}",
        "für diese Palette wurde auf {line} nichts gezählt",
    ),
    "no_choice": (
        "{choice} is no choice for a pallet, and has ended: scan the pallet again, or the card and a label",
        "{choice} gilt nicht für Paletten und ist beendet: Palette noch einmal scannen, oder Karte und Etikett",
    ),
    "as_before": ("{title}, document {document}", "{title}, Beleg {document}"),
    "read_before": ("the same code was read a moment ago", "derselbe Code wurde gerade gelesen"),
    "reversed_one": ("document {documents} is reversed", "Beleg {documents} ist storniert"),
    "reversed_many": ("documents {documents} are reversed", "Belege {documents} sind storniert"),
    "withdrawn_one": ("{units} waited and is withdrawn", "{units} wartete und ist zurückgezogen"),
    "withdrawn_many": ("{units} waited and are withdrawn", "{units} warteten und sind zurückgezogen"),
    "covered_one": (
        "{units} stays posted, because a later point has counted it",
        "{units} bleibt gebucht, weil ein späterer Meldepunkt es gezählt hat",
    ),
    "covered_many": (
        "{units} stay posted, because a later point has counted them",
        "{units} bleiben gebucht, weil ein späterer Meldepunkt sie gezählt hat",
    ),
    "open_again": ("its pieces are open again", "die Stücke sind wieder offen"),
    "undone_before": (
        "document {documents} is reversed already; the next UNDO goes on to the posting before it",
        "Beleg {documents} ist schon storniert; das nächste RÜCKGÄNGIG gilt der Buchung davor",
    ),
    "only_last": (
        "{why}; UNDO takes back only the last scan; reverse older documents by their number",
        "RÜCKGÄNGIG nimmt nur den letzten Scan zurück; ältere Belege nach ihrer Nummer stornieren",
    ),
    "nothing_left": (
        "nothing of this scanner is left to undo: UNDO goes back ten postings; reverse older documents by their number",
        "dieser Scanner kann nichts mehr zurücknehmen: höchstens zehn Buchungen; ältere Belege nach Nummer stornieren",
    ),
    "begins_again": ("{device} begins again at {total}", "{device} beginnt neu bei {total}"),
    "late_scrap": (
        "scrap of {units} is taken off what is posted, as far as it has yield without serial numbers; the rest waits",
        "Ausschuss von {units} wird vom Gebuchten abgezogen, soweit es Gutmenge ohne Seriennummer hat; der Rest wartet",
    ),
    # asides
    "posted_on": (
        "posted on {date}, because period {period} is closed",
        "gebucht am {date}, weil die Periode {period} geschlossen ist",
    ),
    "missing": ("missing, and kept in the backlog: {components}", "fehlt und steht im Rückstand: {components}"),
    "more_components": ("{count} more components", "{count} weitere Komponenten"),
    "beyond_order": (
        "more than is open of sales order {order}: {made} are made, {wanted} ordered",
        "mehr als von Kundenauftrag {order} offen ist: {made} gefertigt, {wanted} bestellt",
    ),
    # settings of a scanner
    "without_run": ("{line} has no run", "{line} hat keinen Lauf"),
    "at_point": ("point {point}", "Meldepunkt {point}"),
    "by_operator": ("operator {operator}", "Werker {operator}"),
    "next_label": ("next label {choice}", "nächstes Etikett {choice}"),
}


_COLUMNS: Final = {language: column for column, language in enumerate(LANGUAGES)}


def phrase(language: Language, key: str, **fields: str) -> str:
    """Return a phrase with its fields filled in.

    >>> phrase("de", "shift_total", where="L06", total="42")
    'L06: 42 in dieser Schicht'
    """
    return PHRASES[key][_COLUMNS[language]].format(**fields)


def in_english(text: str) -> str:
    """Return the English of a phrase without fields.

    >>> in_english("BEREITS GESCANNT")
    'ALREADY SCANNED'
    """
    return next(row[LANGUAGES.index(ENGLISH)] for row in PHRASES.values() if text in row)


def inflect(language: Language, key: str, number: int, one: int, /, **fields: str) -> str:
    """Return a phrase in its singular or plural: `one` is the number of a single thing."""
    return phrase(language, f"{key}_{'one' if number == one else 'many'}", **fields)
