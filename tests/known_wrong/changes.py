"""Changes that are known to be wrong, each with the promise that it breaks and the test that has to notice."""

from tests.known_wrong.of_the_acts import OF_THE_ACTS
from tests.known_wrong.of_the_books import OF_THE_BOOKS
from tests.known_wrong.of_the_figures import OF_THE_FIGURES
from tests.known_wrong.of_the_pages import OF_THE_PAGES
from tests.known_wrong.of_the_way import OF_THE_WAY

KNOWN_WRONG = (*OF_THE_WAY, *OF_THE_BOOKS, *OF_THE_FIGURES, *OF_THE_ACTS, *OF_THE_PAGES)
