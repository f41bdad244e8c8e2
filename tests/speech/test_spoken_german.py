"""German as it is said. Every example is a fragment of what a company says on the telephone."""

from __future__ import annotations

import pytest

from voice_agent.speech.spoken import speakable
from voice_agent.speech.spoken.german.numbers import cardinal, ordinal, year

CLOCK = [
    ("Passt Ihnen 14:30?", "Passt Ihnen vierzehn Uhr dreißig?"),
    ("um 14:30 Uhr", "um vierzehn Uhr dreißig"),
    ("ab 8:00 Uhr", "ab acht Uhr"),
    ("gegen 1:00 Uhr", "gegen ein Uhr"),
    ("um 1 Uhr", "um ein Uhr"),
    ("um 21 Uhr", "um einundzwanzig Uhr"),
    ("21:01 Uhr", "einundzwanzig Uhr eins"),
    ("um 9:05 Uhr", "um neun Uhr fünf"),
    ("08:00", "acht Uhr"),
    ("0:15 Uhr", "null Uhr fünfzehn"),
    ("bis 24:00 Uhr", "bis vierundzwanzig Uhr"),
    ("um 14.30 Uhr", "um vierzehn Uhr dreißig"),
    ("um 14.30 bei uns", "um vierzehn Uhr dreißig bei uns"),
    ("8:00–18:00 Uhr", "acht bis achtzehn Uhr"),
    ("8-18 Uhr", "acht bis achtzehn Uhr"),
    ("8:30 – 18 Uhr", "acht Uhr dreißig bis achtzehn Uhr"),
    ("9.00-12.30 Uhr", "neun bis zwölf Uhr dreißig"),
    ("8:00–18:00", "acht bis achtzehn Uhr"),
    ("von 8 bis 18 Uhr", "von acht bis achtzehn Uhr"),
    ("zwischen 8 und 10 Uhr", "zwischen acht und zehn Uhr"),
    ("1–3 Uhr", "ein Uhr bis drei Uhr"),
    ("12:30:45", "zwölf Uhr dreißig und fünfundvierzig Sekunden"),
    ("Das Spiel endete 2:1.", "Das Spiel endete zwei zu eins."),
    ("Uns erreichen Sie rund um die Uhr.", "Uns erreichen Sie rund um die Uhr."),
]

DATES = [
    ("24.12.2026", "vierundzwanzigster Dezember zweitausendsechsundzwanzig"),
    ("am 24.12.2026", "am vierundzwanzigsten Dezember zweitausendsechsundzwanzig"),
    ("Am 24.12. ist zu.", "Am vierundzwanzigsten Dezember ist zu."),
    ("Wir schließen am 24.12.", "Wir schließen am vierundzwanzigsten Dezember."),
    ("am 3.3.27", "am dritten März zweitausendsiebenundzwanzig"),
    ("am 24.12", "am vierundzwanzigsten Dezember"),
    ("am 3. März", "am dritten März"),
    ("der 3. März", "der dritte März"),
    ("den 3. März", "den dritten März"),
    ("zum 1. Januar 1998", "zum ersten Januar neunzehnhundertachtundneunzig"),
    ("Heute ist der 7. Mai", "Heute ist der siebte Mai"),
    ("3. März", "dritter März"),
    ("ab 1. April", "ab dem ersten April"),
    ("seit 8. Mai", "seit dem achten Mai"),
    ("nach dem 8. Mai", "nach dem achten Mai"),
    ("für den 30. November", "für den dreißigsten November"),
    ("bis 5. März", "bis fünften März"),
    ("bis zum 5. März", "bis zum fünften März"),
    ("vom 3. bis 5. März", "vom dritten bis fünften März"),
    ("vom 3.–5. März", "vom dritten bis fünften März"),
    ("3.–5. März", "dritter bis fünfter März"),
    ("am 3. und 5. März", "am dritten und fünften März"),
    (
        "vom 24.12. bis 1.1. geschlossen",
        "vom vierundzwanzigsten Dezember bis ersten Januar geschlossen",
    ),
    ("am Montag, 3. März", "am Montag, dem dritten März"),
    ("am Mo., 3.3.", "am Montag, dem dritten März."),
    ("Montag, 3. März", "Montag, der dritte März"),
    ("Montag, den 3. März", "Montag, den dritten März"),
    ("bis Freitag, 7. März", "bis Freitag, den siebten März"),
    ("2026-11-23", "dreiundzwanzigster November zweitausendsechsundzwanzig"),
    (
        "2026-11-23T14:30",
        "dreiundzwanzigster November zweitausendsechsundzwanzig, vierzehn Uhr dreißig",
    ),
    ("am 1. Dez.", "am ersten Dezember."),
    ("Am 23. Nov. um 9 Uhr", "Am dreiundzwanzigsten November um neun Uhr"),
    (
        "am 3. März um 14:30 Uhr in der Hauptstraße 5",
        "am dritten März um vierzehn Uhr dreißig in der Hauptstraße fünf",
    ),
    ("seit 1998", "seit neunzehnhundertachtundneunzig"),
    ("Baujahr 2026", "Baujahr zweitausendsechsundzwanzig"),
    ("im Jahr 1900", "im Jahr neunzehnhundert"),
    ("2019–2026", "zweitausendneunzehn bis zweitausendsechsundzwanzig"),
    ("ein Oldtimer der 1960er Jahre", "ein Oldtimer der neunzehnhundertsechziger Jahre"),
    ("Musik der 80er", "Musik der achtziger"),
]

WEEKDAYS = [
    ("Mo.–Fr.", "Montag bis Freitag."),
    ("Mo-Fr 8–18 Uhr", "Montag bis Freitag acht bis achtzehn Uhr"),
    ("Di-Fr 9–17", "Dienstag bis Freitag neun bis siebzehn Uhr"),
    ("Sa. 9–13 Uhr", "Samstag neun bis dreizehn Uhr"),
    ("Mo, Mi, Fr", "Montag, Mittwoch, Freitag"),
    ("Mo. und Do.", "Montag und Donnerstag."),
    ("am Fr. um 9 Uhr", "am Freitag um neun Uhr"),
    ("Fr. Müller ruft zurück", "Frau Müller ruft zurück"),
    ("Hr. und Fr. Berger", "Herr und Frau Berger"),
    ("So geht das.", "So geht das."),
    ("Do 14:30", "Donnerstag vierzehn Uhr dreißig"),
]

ABBREVIATIONS = [
    ("z. B. Reifen", "zum Beispiel Reifen"),
    ("z.B. Reifen", "zum Beispiel Reifen"),
    ("d. h. morgen", "das heißt morgen"),
    ("u. a. Öl", "unter anderem Öl"),
    ("Öl, Filter usw.", "Öl, Filter und so weiter."),
    ("heute bzw. morgen", "heute beziehungsweise morgen"),
    ("ggf. später", "gegebenenfalls später"),
    ("inkl. 19 % MwSt.", "inklusive neunzehn Prozent Mehrwertsteuer."),
    ("zzgl. Material", "zuzüglich Material"),
    ("ca. 2 Std.", "zirka zwei Stunden."),
    ("Das dauert 45 Min. pro Rad", "Das dauert fünfundvierzig Minuten pro Rad"),
    ("1 Std.", "eine Stunde."),
    ("Ca. 3 km", "Zirka drei Kilometer"),
    ("Dr. Klein", "Doktor Klein"),
    ("Prof. Dr. Klein", "Professor Doktor Klein"),
    ("Nr. 5", "Nummer fünf"),
    ("Autowerkstatt Berger GmbH", "Autowerkstatt Berger G M B H"),
    ("Berger GmbH & Co. KG", "Berger G M B H und Co. K G"),
    ("der TÜV", "der Tüff"),
    ("per SMS", "per S M S"),
    ("Ihr Kfz", "Ihr K F Z"),
    ("St. Pauli", "Sankt Pauli"),
    ("Berliner Str. 7", "Berliner Straße sieben"),
    ("Hauptstr. 7", "Hauptstraße sieben"),
    ("max. 30 km/h", "maximal dreißig Kilometer pro Stunde"),
    ("Teil III", "Teil drei"),
    ("Golf VII", "Golf sieben"),
    ("Ludwig XIV. baute", "Ludwig der Vierzehnte baute"),
    ("und/oder", "und oder"),
]

NUMBERS_TO_DIAL = [
    ("0172 3456789", "null eins sieben zwo, drei vier fünf, sechs sieben acht neun"),
    ("+49 30 901820", "plus vier neun, drei null, neun null eins, acht zwo null"),
    ("+49 (0) 30 901820", "plus vier neun, drei null, neun null eins, acht zwo null"),
    ("030/901820-0", "null drei null, neun null eins, acht zwo null, null"),
    ("(030) 901820", "null drei null, neun null eins, acht zwo null"),
    ("Tel.: 901820", "Telefon: neun null eins, acht zwo null"),
    ("Notruf 112", "Notruf eins eins zwo"),
    ("0800 123 4567", "null acht null null, eins zwo drei, vier fünf sechs sieben"),
    ("Durchwahl 21", "Durchwahl zwo eins"),
    ("T-4711", "T, vier sieben eins eins"),
    ("Auftrag RE-2026-0117", "Auftrag R E, zwo null zwo sechs, null eins eins sieben"),
    ("M-AB 1234", "M, A B, eins zwo drei vier"),
    ("HH-X 12E", "H H, X, eins zwo E"),
    ("10115 Berlin", "eins null, eins eins fünf Berlin"),
    ("D-10115 Berlin", "eins null, eins eins fünf Berlin"),
    ("PLZ 80331", "P L Z acht null, drei drei eins"),
    (
        "Hauptstraße 12a, 10115 Berlin",
        "Hauptstraße zwölf a, eins null, eins eins fünf Berlin",
    ),
    (
        "info@autowerkstatt-berger.de",
        "info, ät, autowerkstatt Bindestrich berger, Punkt D E",
    ),
    ("max_1@web.com", "max Unterstrich eins, ät, web, Punkt komm"),
    ("www.berger.de", "W W W Punkt berger, Punkt D E"),
    ("https://berger.de/termin/", "berger, Punkt D E, Schrägstrich termin"),
    ("mit dem A4", "mit dem A vier"),
    ("BMW 320d", "B M W dreihundertzwanzig d"),
    ("tanken Sie E10", "tanken Sie E zehn"),
    ("205/55 R16", "zweihundertfünf, fünfundfünfzig, R sechzehn"),
    ("Vorgang 12345678", "Vorgang eins zwo drei, vier fünf sechs, sieben acht"),
]

MONEY = [
    ("49,90 €", "neunundvierzig Euro neunzig"),
    ("1.299 €", "eintausendzweihundertneunundneunzig Euro"),
    ("EUR 5", "fünf Euro"),
    ("€ 49,90", "neunundvierzig Euro neunzig"),
    ("49,90 Euro", "neunundvierzig Euro neunzig"),
    ("0,99 €", "neunundneunzig Cent"),
    ("0,01 €", "ein Cent"),
    ("1 Euro", "ein Euro"),
    ("1,00 €", "ein Euro"),
    ("1,50 €", "ein Euro fünfzig"),
    ("für 1 €", "für einen Euro"),
    ("Das kostet 1 €.", "Das kostet einen Euro."),
    ("ab 25 €", "ab fünfundzwanzig Euro"),
    ("25,- €", "fünfundzwanzig Euro"),
    ("25,–", "fünfundzwanzig Euro"),
    ("89 €/Std.", "neunundachtzig Euro pro Stunde."),
    ("89 € pro Stunde", "neunundachtzig Euro pro Stunde"),
    ("10–20 €", "zehn bis zwanzig Euro"),
    ("2,5 Mio. € Umsatz", "zwei Komma fünf Millionen Euro Umsatz"),
    ("1 Mio. € Umsatz", "eine Million Euro Umsatz"),
    ("-5 €", "minus fünf Euro"),
    ("20 $", "zwanzig Dollar"),
    ("CHF 20", "zwanzig Schweizer Franken"),
    ("1.299,50 €", "eintausendzweihundertneunundneunzig Euro fünfzig"),
]

AMOUNTS = [
    ("1 Stunde", "eine Stunde"),
    ("1 Tag", "ein Tag"),
    ("in 1 Stunde", "in einer Stunde"),
    ("in 1 Tag", "in einem Tag"),
    ("nach 1 Jahr", "nach einem Jahr"),
    ("für 1 Tag", "für einen Tag"),
    ("für 1 Person", "für eine Person"),
    ("Das dauert 1 Monat.", "Das dauert einen Monat."),
    ("1-2 Stunden", "ein bis zwei Stunden"),
    ("1 bis 2 Tage", "ein bis zwei Tage"),
    ("1 oder 2 Tage", "ein oder zwei Tage"),
    ("21 Tage", "einundzwanzig Tage"),
    ("1 freier Termin", "ein freier Termin"),
    ("1 neue Nachricht", "eine neue Nachricht"),
    ("1 neues Angebot", "ein neues Angebot"),
    ("Wir haben 1 Termin frei.", "Wir haben einen Termin frei."),
    ("Drücken Sie die 1.", "Drücken Sie die eins."),
    ("Taste 1", "Taste eins"),
    ("Drücken Sie 1 für Deutsch", "Drücken Sie eins für Deutsch"),
    ("Drücken Sie * oder #.", "Drücken Sie Stern oder Raute."),
    ("im 3. Stock", "im dritten Stock"),
    ("der 2. Gang", "der zweite Gang"),
    ("in der 3. Etage", "in der dritten Etage"),
    ("die 3. Etage", "die dritte Etage"),
    ("2. OG", "zweites Obergeschoss"),
    ("ein 2. Termin", "ein zweiter Termin"),
    ("jeder 10. Kunde", "jeder zehnte Kunde"),
    ("zur 1. Inspektion", "zur ersten Inspektion"),
    ("in 2. Reihe", "in zweiter Reihe"),
    ("der 101. Kunde", "der einhunderterste Kunde"),
    ("1/2 Stunde", "eine halbe Stunde"),
    ("½ Liter", "ein halber Liter"),
    ("in ½ Stunde", "in einer halben Stunde"),
    ("1½ Stunden", "eineinhalb Stunden"),
    ("2 1/2 Stunden", "zweieinhalb Stunden"),
    ("3/4 voll", "drei Viertel voll"),
    ("3,5 l Öl", "drei Komma fünf Liter Öl"),
    ("1 l Öl", "ein Liter Öl"),
    ("15.000 km", "fünfzehntausend Kilometer"),
    ("15000 Kilometer", "fünfzehntausend Kilometer"),
    ("12,75 kg", "zwölf Komma sieben fünf Kilogramm"),
    ("50 km/h", "fünfzig Kilometer pro Stunde"),
    ("-5 °C", "minus fünf Grad Celsius"),
    ("20 °C", "zwanzig Grad Celsius"),
    ("50 m²", "fünfzig Quadratmeter"),
    ("3 mm", "drei Millimeter"),
    ("25 MB", "fünfundzwanzig Megabyte"),
    ("3x täglich", "dreimal täglich"),
    ("1x im Jahr", "einmal im Jahr"),
    ("24-Stunden-Dienst", "vierundzwanzig-Stunden-Dienst"),
    ("3-jährige Garantie", "dreijährige Garantie"),
    ("1.234.567 Kunden", "eine Million zweihundertvierunddreißigtausendfünfhundertsiebenundsechzig Kunden"),
    ("~30 Minuten", "ungefähr dreißig Minuten"),
    ("§ 5", "Paragraf fünf"),
]

HOSTILE = [
    ("„Ölwechsel“ – fertig…", "Ölwechsel, fertig."),
    ("Termin (Ölwechsel) am 3. März", "Termin, Ölwechsel, am dritten März"),
    ("Danke 🙂👍🏽!", "Danke!"),
    ("<speak>Hallo<break time='9s'/> Welt</speak>", "Hallo Welt"),
    ("[[h@l'oU]] Hallo", "h@l'oU".replace("@", " ät ") + ", Hallo"),
    ("Hal\x00lo\u202e", "Hal lo"),
    ("**Wichtig**: `heute`", "Wichtig: heute"),
    ("Zimmer ３", "Zimmer drei"),
    ("Reifen & Räder", "Reifen und Räder"),
    ("1️⃣ Anruf", "ein Anruf"),
    ("geht’s morgen?", "geht's morgen?"),
]


@pytest.mark.parametrize(
    ("written", "said"),
    CLOCK + DATES + WEEKDAYS + ABBREVIATIONS + NUMBERS_TO_DIAL + MONEY + AMOUNTS + HOSTILE,
)
def test_german_is_said_as_a_german_would(written: str, said: str) -> None:
    assert speakable(written, "de") == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "null"),
        (16, "sechzehn"),
        (101, "einhunderteins"),
        (1001, "eintausendeins"),
        (101_000, "einhunderteintausend"),
        (2_000_001, "zwei Millionen eins"),
        (1_000_000_000, "eine Milliarde"),
        (10**12, "eins" + " null" * 12),
    ],
)
def test_cardinals(number: int, said: str) -> None:
    assert cardinal(number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "erste"), (3, "dritte"), (7, "siebte"), (8, "achte"), (19, "neunzehnte"), (20, "zwanzigste"),
     (100, "einhundertste"), (103, "einhundertdritte")],
)  # fmt: skip
def test_ordinals(number: int, said: str) -> None:
    assert ordinal(number, "e") == said


def test_years_of_this_millennium_are_counted_in_thousands() -> None:
    assert year(2000) == "zweitausend"
    assert year(1100) == "elfhundert"
