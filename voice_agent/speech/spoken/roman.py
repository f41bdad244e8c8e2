"""Roman numerals that cannot be mistaken for letters: two letters and more, up to twenty."""

from __future__ import annotations

NUMERALS = {
    numeral: number
    for number, numeral in enumerate(
        "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX".split(), 1
    )
    if len(numeral) > 1
}
