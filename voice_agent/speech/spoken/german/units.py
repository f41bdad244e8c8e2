"""What German amounts are counted in: currencies, magnitudes, measures."""

from __future__ import annotations

# Sign: name, name of the hundredth part.
CURRENCIES = {
    "€": ("Euro", "Cent"), "EUR": ("Euro", "Cent"), "Euro": ("Euro", "Cent"),
    "$": ("Dollar", "Cent"), "USD": ("Dollar", "Cent"), "Dollar": ("Dollar", "Cent"),
    "US$": ("Dollar", "Cent"), "£": ("Pfund", "Pence"), "GBP": ("Pfund", "Pence"),
    "CHF": ("Schweizer Franken", "Rappen"), "Franken": ("Franken", "Rappen"),
}  # fmt: skip
MAGNITUDES = {
    "Mio.": "Millionen", "Mio": "Millionen", "Mrd.": "Milliarden", "Mrd": "Milliarden",
    "Millionen": "Millionen", "Milliarden": "Milliarden", "Tsd.": "Tausend",
}  # fmt: skip
ONE_MAGNITUDE = {
    "Millionen": "eine Million", "Milliarden": "eine Milliarde", "Tausend": "ein Tausend",
}  # fmt: skip

# Sign: one of it, several of it.
UNITS = {
    **{sign: (name, name) for sign, name in {
        "km/h": "Kilometer pro Stunde", "km": "Kilometer", "m": "Meter", "cm": "Zentimeter",
        "mm": "Millimeter", "m²": "Quadratmeter", "m2": "Quadratmeter", "qm": "Quadratmeter",
        "km²": "Quadratkilometer", "cm²": "Quadratzentimeter", "m³": "Kubikmeter",
        "m3": "Kubikmeter", "ccm": "Kubikzentimeter", "cm³": "Kubikzentimeter", "ha": "Hektar",
        "kg": "Kilogramm", "g": "Gramm", "mg": "Milligramm", "l": "Liter", "L": "Liter",
        "ml": "Milliliter", "°C": "Grad Celsius", "° C": "Grad Celsius", "°F": "Grad Fahrenheit",
        "°": "Grad", "%": "Prozent", "‰": "Promille", "KB": "Kilobyte", "kB": "Kilobyte",
        "MB": "Megabyte", "GB": "Gigabyte", "TB": "Terabyte", "kW": "Kilowatt", "W": "Watt",
        "V": "Volt", "Ah": "Amperestunden", "PS": "P S", "Nm": "Newtonmeter", "bar": "Bar",
        "dB": "Dezibel", "Hz": "Hertz", "kHz": "Kilohertz", "MHz": "Megahertz",
        "GHz": "Gigahertz", "ct": "Cent", "Ct": "Cent", "Cent": "Cent", "Stk.": "Stück",
        "Stck.": "Stück", "St.": "Stück", "ms": "Millisekunden", "µm": "Mikrometer",
        "Mbit/s": "Megabit pro Sekunde", "g/km": "Gramm pro Kilometer", "Zoll": "Zoll",
    }.items()},
    **{sign: (name, name + "n") for name, signs in {
        "Stunde": ("h", "Std.", "Std", "Stdn."), "Minute": ("min", "Min.", "Min", "min."),
        "Sekunde": ("s", "sec", "Sek.", "Sek", "sek."), "Tonne": ("t",),
        "Kilowattstunde": ("kWh",),
    }.items() for sign in signs},
}  # fmt: skip
PER = {
    "Std.": "Stunde", "Std": "Stunde", "h": "Stunde", "Stunde": "Stunde", "Min.": "Minute",
    "min": "Minute", "Minute": "Minute", "s": "Sekunde", "Tag": "Tag", "Woche": "Woche",
    "Monat": "Monat", "Mon.": "Monat", "Jahr": "Jahr", "Person": "Person", "Pers.": "Person",
    "Nacht": "Nacht", "Stück": "Stück", "Stk.": "Stück", "St.": "Stück", "kg": "Kilogramm",
    "km": "Kilometer", "m": "Meter", "m²": "Quadratmeter", "qm": "Quadratmeter", "l": "Liter",
    "kWh": "Kilowattstunde", "Rad": "Rad", "Reifen": "Reifen", "Satz": "Satz", "GB": "Gigabyte",
    "ml": "Milliliter", "Fahrt": "Fahrt", "Termin": "Termin",
}  # fmt: skip
