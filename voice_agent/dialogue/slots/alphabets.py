"""Names of letters: single ones as a recogniser writes them, and the spelling alphabets.

German callers use the old table of DIN 5009 (Anton, Berta), some the new one (Aachen, Berlin), some
NATO's. A recogniser writes "em" or "M", so both count, where letters are being given.
"""

from __future__ import annotations

from typing import Final

_OLD: Final = """
    Anton Ärger Berta Cäsar Charlotte=Ch Dora Emil Friedrich Gustav Heinrich Ida Julius Kaufmann
    Konrad Ludwig Martha Marta Nordpol Otto Ökonom Österreich Paula Quelle Richard Samuel Siegfried
    Schule=Sch Theodor Ulrich Übermut Übel Viktor Victor Wilhelm Xanthippe Xaver Zacharias Zeppelin
    Zürich Caesar Cesar Friederich Emiel Berta Bertha Teodor Xantippe Julia Anna Nathan Nikolaus
    Jakob Jacob Theo Ludwich Kurt Ypern Isidor Daniel David Zeppelien Paul Peter Fritz Frieda Erich
"""
_NEW: Final = """
    Aachen Berlin Chemnitz Cottbus Düsseldorf Essen Frankfurt Goslar Hamburg Ingelheim Jena Köln
    Leipzig München Nürnberg Offenbach Potsdam Quickborn Rostock Salzwedel Tübingen Unna Völklingen
    Wuppertal Xanten Zwickau
"""
_NATO: Final = """
    Alpha Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliet Juliett Juliette Kilo Lima
    Mike November Oscar Oskar Papa Quebec Romeo Sierra Tango Uniform Whiskey Whisky Xray Yankee Zulu
"""
_ENGLISH: Final = """
    Apple Alice Able Baker Bob Boy Cat Charles Dog David Easy Edward Frank Fox Freddie George Henry
    Harry How Item Isaac Ink Jack John Jig King Love Larry Lucy Mary Mother Nan Nancy Nelly Nick
    Oboe Oliver Peter Paul Queen Robert Roger Sugar Sam Samuel Tom Tommy Tare Uncle Victor Victoria
    William Yoke Yellow Young Zebra Zoe Sally Ben Susan Ted Tim
"""
_SPOKEN_NAMES: Final = {
    "de": """
        a=a,ah b=be,bee,beh c=ce,ze,zeh,tse,cee d=de,deh,dee e=e,eh f=ef,eff g=ge,geh h=ha,hah
        i=i,ih j=jot,jott,yot k=ka,kah l=el,ell m=em,emm n=en,enn o=o,oh p=pe,peh,pee q=ku,kuh,qu
        r=er,err s=es,ess t=te,teh,tee u=u,uh v=vau,fau,vow w=we,weh x=ix,iks,icks
        y=ypsilon,ypsillon,upsilon,ipsilon z=zet,zett,set,tset
    """,
    "en": """
        a=a,ay b=bee,be c=cee,see,sea d=dee e=e,ee f=ef,eff g=gee,jee h=aitch,haitch i=i,eye j=jay
        k=kay l=el,ell m=em n=en o=o,oh p=pee q=cue,queue r=ar,are s=es,ess t=tee,tea u=you
        v=vee w=doubleyou x=ex y=why,wye z=zed,zee
    """,
}
_SIGNS: Final = {
    "de": {
        "bindestrich": "-",
        "minus": "-",
        "leerzeichen": " ",
        "leertaste": " ",
        "apostroph": "'",
        "eszett": "ß",
        "sz": "ß",
    },
    "en": {"hyphen": "-", "dash": "-", "space": " ", "apostrophe": "'"},
}


def _first_letters(names: str) -> dict[str, str]:
    """Each name, in lower case, and the letters it stands for, in lower case."""
    table: dict[str, str] = {}
    for name in names.split():
        word, _, letters = name.partition("=")
        table[word.lower()] = (letters or word[0]).lower()
    return table


def _spoken(names: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for entry in names.split():
        letter, _, spellings = entry.partition("=")
        table |= dict.fromkeys(spellings.split(","), letter)
    return table


LETTER_WORDS: Final = {
    "de": _first_letters(_NATO) | _first_letters(_OLD) | _first_letters(_NEW),
    "en": _first_letters(_OLD) | _first_letters(_NEW) | _first_letters(_ENGLISH)
    | _first_letters(_NATO),
}  # fmt: skip
"""Words of the spelling alphabets, in lower case with their umlauts, and their letters."""

LETTER_NAMES: Final = {language: _spoken(names) for language, names in _SPOKEN_NAMES.items()}
"""How single letters are called."""

SIGN_NAMES: Final = _SIGNS
"""What else is spelt in names."""

UMLAUTS: Final = {"a": "ä", "o": "ö", "u": "ü"}
"""What "Umlaut" makes of a letter."""
