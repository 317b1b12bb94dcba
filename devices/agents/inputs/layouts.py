"""Keyboard layouts: the characters of keys, for scanners that type like the keyboards of a country.

A layout has the characters of the 48 keys in the order of `KEYS`: four rows from the left, then the space bar; first
plain, then with Shift. A blank before the end is a key without character. Pairs name a key by its plain character, and
its character with AltGr, or with AltGr and Shift. Dead keys are accents that wait for the next character.
"""

from typing import Final, NamedTuple

KEYS: Final = (41, *range(2, 14), *range(16, 28), *range(30, 41), 43, 86, *range(44, 54), 57)
"""The kernel's codes of the keys; 43 is the key beside Enter, 86 the one beside the left Shift."""


class Layout(NamedTuple):
    """The characters of keys, by level."""

    plain: dict[int, str]
    shift: dict[int, str]
    alt_gr: dict[int, str]
    both: dict[int, str]
    dead: str = ""
    """Dead keys."""


def _layout(plain: str, shift: str, alt_gr: str = "", both: str = "", dead: str = "") -> Layout:
    """Return a layout, of two texts in the order of `KEYS` and of pairs."""
    first = dict(zip(KEYS, plain, strict=True))
    keys = {character: key for key, character in first.items()}
    levels = [{keys[pair[0]]: pair[1] for pair in pairs.split()} for pairs in (alt_gr, both)]
    second = {key: letter for key, letter in zip(KEYS, shift, strict=True) if letter != " " or key == KEYS[-1]}
    return Layout(first, second, levels[0], levels[1], dead)


LAYOUTS: Final = {
    "us": _layout(
        "`1234567890-=qwertyuiop[]asdfghjkl;'\\<zxcvbnm,./ ", '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|>ZXCVBNM<>? '
    ),
    "uk": _layout(
        "`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./ ",
        '¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>? ',
        "`¦ 4€",
    ),
    "de": _layout(
        "^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.- ",
        "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_ ",
        "2² 3³ 7{ 8[ 9] 0} ß\\ q@ e€ +~ mµ <|",
        dead="^´`",
    ),
    "ch": _layout(
        "§1234567890'^qwertzuiopü¨asdfghjklöä$<yxcvbnm,.- ",
        '°+"*ç%&/()=?`QWERTZUIOPè!ASDFGHJKLéà£>YXCVBNM;:_ ',
        "1¦ 2@ 3# 6¬ 7| 8¢ '´ ^~ e€ ü[ ¨] ä{ $} <\\",
        dead="^`¨´~",
    ),
    "fr": _layout(
        "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:! ",
        " 1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§ ",
        "é~ \"# '{ ([ -| è` _\\ ç^ à@ )] =} e€ $¤",
        dead="^¨~`",
    ),
    "it": _layout(
        "\\1234567890'ìqwertyuiopè+asdfghjklòàù<zxcvbnm,.- ",
        '|!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°§>ZXCVBNM;:_ ',
        "e€ è[ +] ò@ à#",
        "è{ +}",
    ),
    "es": _layout(
        "º1234567890'¡qwertyuiop`+asdfghjklñ´ç<zxcvbnm,.- ",
        'ª!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨Ç>ZXCVBNM;:_ ',
        "º\\ 1| 2@ 3# 4~ 6¬ e€ `[ +] ´{ ç}",
        dead="`^´¨~",
    ),
    "nordic": _layout(
        "§1234567890+´qwertyuiopå¨asdfghjklöä'<zxcvbnm,.- ",
        '½!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÖÄ*>ZXCVBNM;:_ ',
        "2@ 3£ 4$ 7{ 8[ 9] 0} +\\ e€ ¨~ mµ <|",
        dead="´`¨^~",
    ),
}
"""Layouts by name; `nordic` is Swedish and Finnish."""
