"""Refusals: why a scan was not posted, and what to do, as an operator reads it.

The sentence of a `Rejection` is for the person who mends the cause. An operator reads first, in his language, what is
wrong in words of the trade; then in English that sentence, in other languages what to do. Of a barcode or message that
cannot be read the sentence is a program's: what to do stands before it, or in its place.
"""

from collections.abc import Mapping
from typing import Final, Literal

from devices.errors import Malformed, Rejection
from gateway.backflush.values.phrases import ENGLISH, LANGUAGES, Language
from gateway.errors import Reason

Step = Literal["again", "other", "card", "person", "technician", "none"]
STEPS: Final[Mapping[Step, tuple[str, str]]] = {
    "again": ("scan the whole label again", "das ganze Etikett noch einmal scannen"),
    "other": ("scan another label", "ein anderes Etikett scannen"),
    "card": ("scan the right card", "die richtige Karte scannen"),
    "person": ("ask the shift leader", "die Schichtleitung fragen"),
    "technician": ("the scanner is set up wrongly, call a technician", "Scanner falsch eingestellt, Technik rufen"),
    "none": ("nothing to do", "nichts zu tun"),
}
REFUSALS: Final[Mapping[str, tuple[Step, str, str]]] = {
    Malformed.EMPTY: ("again", "nothing was read", "nichts gelesen"),
    Malformed.TOO_LARGE: ("technician", "message too long", "Meldung zu lang"),
    Malformed.NOT_UTF8: ("technician", "message cannot be read", "Meldung nicht lesbar"),
    Malformed.NOT_JSON: ("technician", "message cannot be read", "Meldung nicht lesbar"),
    Malformed.DUPLICATE_KEY: ("technician", "message contradicts itself", "Meldung widerspricht sich"),
    Malformed.CONTROL_CHARACTER: ("again", "unreadable characters", "unlesbare Zeichen"),
    Malformed.WRONG_TYPE: ("technician", "message cannot be read", "Meldung nicht lesbar"),
    Malformed.OUT_OF_RANGE: ("other", "impossible name or number", "unmöglicher Name oder unmögliche Zahl"),
    Malformed.BAD_TIME: ("technician", "impossible time", "unmögliche Uhrzeit"),
    Malformed.IDENTITY_MISMATCH: ("technician", "the scanner names itself differently", "Scanner nennt sich anders"),
    Malformed.RETAINED: ("technician", "old message of the broker", "alte Meldung des Brokers"),
    Malformed.TOO_DEEP: ("technician", "message cannot be read", "Meldung nicht lesbar"),
    Malformed.BAD_CHECK_DIGIT: ("again", "wrong check digit", "falsche Prüfziffer"),
    Malformed.UNKNOWN_BARCODE: ("again", "unreadable barcode or card", "Barcode oder Karte nicht lesbar"),
    Malformed.CONTRADICTING_BARCODE: ("other", "the label contradicts itself", "Etikett widerspricht sich"),
    Malformed.CONTRADICTING_TOTALS: ("person", "the totals contradict each other", "Stände widersprechen sich"),
    Malformed.BAD_TOPIC: ("technician", "wrong topic", "falsches Topic"),
    Malformed.UNKNOWN_DECODER: ("technician", "unknown message format", "unbekanntes Meldungsformat"),
    Malformed.MISSING_FIELD: ("technician", "incomplete message", "unvollständige Meldung"),
    Malformed.NO_VALUE: ("technician", "no value", "kein Wert"),
    Malformed.NO_WHOLE_NUMBER: ("technician", "no whole number", "keine ganze Zahl"),
    Malformed.COMPRESSED: ("technician", "message cannot be read", "Meldung nicht lesbar"),
    Malformed.UNKNOWN_FORM: ("technician", "unknown message format", "unbekanntes Meldungsformat"),
    Malformed.NO_BIRTH: ("technician", "the machine has not reported yet", "Maschine hat sich noch nicht gemeldet"),
    Malformed.GAP: ("technician", "messages are missing", "Meldungen fehlen"),
    Malformed.NO_NAME: ("technician", "value without a name", "Wert ohne Namen"),
    Malformed.TOO_MANY_NAMES: ("technician", "too many names", "zu viele Namen"),
    Reason.UNKNOWN_DEVICE: ("person", "unknown scanner", "unbekannter Scanner"),
    Reason.DISABLED_DEVICE: ("person", "this scanner is switched off", "dieser Scanner ist gesperrt"),
    Reason.WRONG_PLACE: ("person", "this scanner belongs to line {line}", "dieser Scanner gehört zur Linie {line}"),
    Reason.JUMP: ("person", "more pieces than plausible", "unglaubwürdig viele Stück"),
    Reason.WENT_BACK: ("person", "the total went back", "Stand ist zurückgegangen"),
    Reason.CHANGED: ("person", "changed meanwhile", "inzwischen geändert"),
    Reason.CONFLICT: ("again", "another scan had this number", "ein anderer Scan hatte diese Nummer"),
    Reason.NO_IDENTITY: ("technician", "message without a number", "Meldung ohne Nummer"),
    Reason.CLOCK: ("technician", "wrong clock", "Uhr geht falsch"),
    Reason.WRONG_UNIT: ("person", "another unit than the product's", "andere Einheit als die des Produkts"),
    Reason.LEFT_BEHIND: ("person", "perhaps posted elsewhere", "vielleicht woanders gebucht"),
    Reason.WAITED: ("person", "perhaps scanned twice", "vielleicht doppelt gescannt"),
    Reason.OUT_OF_ORDER: ("person", "messages in the wrong order", "Meldungen in falscher Reihenfolge"),
    Reason.NO_VERSION: ("person", "{line} does not make {product}", "{line} fertigt {product} nicht"),
    Reason.AMBIGUOUS_VERSION: ("card", "several versions fit", "mehrere Versionen passen"),
    Reason.UNKNOWN_VERSION: ("card", "unknown version", "unbekannte Version"),
    Reason.LOCKED_VERSION: ("person", "the version is locked", "Version ist gesperrt"),
    Reason.EXPIRED_VERSION: ("person", "the version is not valid today", "Version gilt heute nicht"),
    Reason.LOT_SIZE: ("person", "lot size not allowed", "Losgröße nicht erlaubt"),
    Reason.NO_PROFILE: ("person", "the product has no profile", "Produkt hat kein Profil"),
    Reason.NO_BOM: ("person", "the product has no bill of material", "Produkt hat keine Stückliste"),
    Reason.NO_ROUTING: ("person", "the product has no routing", "Produkt hat keinen Arbeitsplan"),
    Reason.UNKNOWN_POINT: ("card", "unknown reporting point", "unbekannter Meldepunkt"),
    Reason.UNKNOWN_MATERIAL: ("other", "unknown article", "unbekannter Artikel"),
    Reason.UNKNOWN_PLANT: ("card", "unknown plant", "unbekanntes Werk"),
    Reason.NO_UNIT: ("other", "the unit does not fit the product", "Einheit passt nicht zum Produkt"),
    Reason.UNKNOWN_CODE: ("other", "unknown article", "unbekannter Artikel"),
    Reason.NO_LINE: ("card", "line not chosen yet", "Linie noch nicht gewählt"),
    Reason.NO_RECEIVING_LOCATION: ("person", "no place to receive into", "kein Lagerort für den Zugang"),
    Reason.CYCLIC_BOM: ("person", "the bill of material contains itself", "Stückliste enthält sich selbst"),
    Reason.UNKNOWN_ORDER: ("other", "unknown or closed order", "Auftrag unbekannt oder abgeschlossen"),
    Reason.UNKNOWN_ACTIVITY: ("person", "unknown activity", "unbekannte Leistung"),
    Reason.NO_ESTIMATE: ("person", "the product has no estimate", "Produkt hat keine Kalkulation"),
    Reason.UNKNOWN_LINE: ("card", "unknown line", "unbekannte Linie"),
    Reason.UNKNOWN_REASON: ("card", "unknown scrap reason", "unbekannter Ausschussgrund"),
    Reason.UNKNOWN_OPERATOR: ("card", "unknown operator", "unbekannter Werker"),
    Reason.UNKNOWN_SALES_ORDER: ("person", "unknown or finished sales order", "Kundenauftrag unbekannt oder erfüllt"),
    Reason.UNKNOWN_LOCATION: ("person", "unknown storage location", "unbekannter Lagerort"),
    Reason.BAD_DATE: ("person", "impossible date", "unmögliches Datum"),
    Reason.PERIOD_CLOSED: ("person", "the period is closed", "Periode ist geschlossen"),
    Reason.SHORTAGE: ("person", "components are missing", "Komponenten fehlen"),
    Reason.NO_ISSUE_LOCATION: ("person", "no place to issue from", "kein Lagerort für die Entnahme"),
    Reason.SERIAL_USED: ("other", "already counted", "bereits gemeldet"),
    Reason.NOTHING_TO_UNDO: ("none", "nothing is open", "nichts offen"),
    Reason.UNKNOWN_DOCUMENT: ("person", "unknown document", "unbekannter Beleg"),
    Reason.ALREADY_REVERSED: ("none", "reversed already", "bereits storniert"),
    Reason.NEGATIVE_WIP: ("person", "the pieces have moved on", "Stücke sind schon weiter"),
    Reason.STOCK_GONE: ("person", "the stock is gone", "Bestand ist weg"),
    Reason.NOT_REVERSIBLE: ("person", "it cannot be reversed", "nicht stornierbar"),
    Reason.BAD_QUANTITY: ("other", "impossible quantity", "unmögliche Menge"),
    Reason.NOT_ALLOWED: ("person", "not allowed here", "hier nicht erlaubt"),
    Reason.BAD_COMMAND: ("person", "not possible", "nicht möglich"),
    Reason.UNKNOWN_ENTRY: ("person", "unknown entry", "unbekannter Eintrag"),
    Reason.UNKNOWN_RECORD: ("person", "unknown record", "unbekannter Datensatz"),
    Reason.PERIOD_NOT_DONE: ("person", "the period is not over", "Periode ist nicht zu Ende"),
    Reason.NOTHING_TO_POST: ("none", "nothing to post", "nichts zu buchen"),
    Reason.NOT_ON_LINE: ("person", "not that many pieces on the line", "nicht so viele Stück auf der Linie"),
    Reason.ROWS_WOULD_GO: ("person", "rows are missing", "Zeilen fehlen"),
    Reason.NOT_STORED: ("again", "not stored", "nicht gespeichert"),
}
"""By code: what to do, and what is wrong in English and German, with names that the refusal is about."""
NO_SEPARATOR: Final[tuple[Step, str, str]] = (
    "technician",
    "the separators of the label are missing",
    "Trennzeichen des Etiketts fehlen",
)
"""In place of that of its code, if a rejection is about a separator."""
_UNNAMED: Final[Mapping[str, tuple[str, str]]] = {
    "line": ("this line", "diese Linie"),
    "product": ("this product", "dieses Produkt"),
}
"""In place of a name that the refusal does not give."""


def refusal(language: Language, rejection: Rejection, named: str) -> str:
    """Return why a scan was refused, for its operator; `named` is what the label or card names (empty: unknown).

    >>> refusal("de", Rejection("BF3014", "code 'X': it is no alias or material of plant 1000"), "X")
    'unbekannter Artikel X: ein anderes Etikett scannen'
    """
    at = LANGUAGES.index(language)
    about = dict(rejection.about)
    step, *sentences = NO_SEPARATOR if "separator" in about else REFUSALS[rejection.code]
    wrong = sentences[at].format_map({name: words[at] for name, words in _UNNAMED.items()} | about)
    if language == ENGLISH and rejection.code not in _UNREADABLE:
        return rejection.text if wrong in rejection.text else f"{wrong}: {rejection.text}"
    told = f"{' '.join(filter(None, (wrong, named)))}: {STEPS[step][at]}"
    # Of a barcode its sentence says which identifier, digit or bracket decided.
    return f"{told}; {rejection.text}" if language == ENGLISH and rejection.code in _BARCODES else told


def what_is_wrong(language: str, code: str) -> str:
    """Return what is wrong by a code alone, in a few words; empty if nothing is.

    >>> what_is_wrong("de", "BF5002"), what_is_wrong("en", "BF3001"), what_is_wrong("en", "BF0000")
    ('bereits storniert', 'this line does not make this product', '')
    """
    at = LANGUAGES.index(language)
    sentences = REFUSALS[code][1:] if code in REFUSALS else ("",) * len(LANGUAGES)
    return sentences[at].format_map({name: words[at] for name, words in _UNNAMED.items()})


_BARCODES: Final = frozenset({Malformed.BAD_CHECK_DIGIT, Malformed.UNKNOWN_BARCODE, Malformed.CONTRADICTING_BARCODE})
_UNREADABLE: Final = frozenset(Malformed) - {Malformed.OUT_OF_RANGE}
