"""Values that may be looked into only while the consent they came under holds.

``Consented[T]`` is the only shape in which a caller's voice travels through the program. A gate
makes it (``consent.gate``), nothing else can, and after a withdrawal it cannot be opened any more:
not new ones, and not those already queued somewhere (rule C16).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, NoReturn, Protocol, TypeVar, final

T = TypeVar("T")
U = TypeVar("U")
T_co = TypeVar("T_co", covariant=True)


class ConsentWithdrawn(Exception):
    """Raised by ``reveal`` when the consent a value was sealed under no longer holds."""


class SealBroken(Exception):
    """Raised when somebody other than a gate tries to make a ``Consented`` value."""


class Authority(Protocol):
    """What a sealed value asks before it opens: the gate it came through."""

    @property
    def is_open(self) -> bool:
        """True while the consent holds."""
        ...


# Possession of this object is the right to seal. It never leaves the package `consent`.
SEAL: Final = object()


@final
class Consented(Generic[T_co]):
    """A value of type ``T`` that came through an open consent gate.

    Its text forms never show the content, so that it cannot slip into a log line.
    """

    __slots__ = ("_authority", "_value")

    def __init__(self, value: T_co, authority: Authority, seal: object) -> None:
        if seal is not SEAL:
            raise SealBroken("only a consent gate makes a Consented value")
        self._value = value
        self._authority = authority

    def reveal(self) -> T_co:
        """Return the value, or raise ``ConsentWithdrawn`` if the consent no longer holds."""
        if not self._authority.is_open:
            raise ConsentWithdrawn("the consent this was heard under has been withdrawn")
        return self._value

    @property
    def is_readable(self) -> bool:
        """True while ``reveal`` would succeed."""
        return self._authority.is_open

    def __repr__(self) -> str:
        return f"Consented(<sealed>, readable={self.is_readable})"

    def __reduce__(self) -> NoReturn:
        raise SealBroken("a Consented value does not leave the process: it cannot be pickled")


def join(parts: Sequence[Consented[T]], make: Callable[[Sequence[T]], U]) -> Consented[U]:
    """Make one sealed value of several that came through the same gate.

    Args:
        parts: at least one sealed value.
        make: builds the whole from the parts' contents; it is called at once.

    Raises:
        ValueError: no parts, or parts of different gates.
        ConsentWithdrawn: the consent no longer holds.
    """
    if not parts:
        raise ValueError("nothing to join")
    authority = parts[0]._authority  # noqa: SLF001 (the seal's own module)
    if any(part._authority is not authority for part in parts):  # noqa: SLF001 (as above)
        raise ValueError("values of different gates are never joined")
    return Consented(make([part.reveal() for part in parts]), authority, SEAL)
