from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from voice_agent.twilio.signature import WebhookSignatures

TOKEN = "12345"
FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
PATH = "/myapp.php?foo=1&bar=2"
FORM_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
SOCKET_SIGNATURE = "BfZydh0z7+hmTQF5yxCX4cNljmU="


@pytest.fixture
def signatures() -> WebhookSignatures:
    return WebhookSignatures([TOKEN], "https://mycompany.com")


def body_path(body: bytes) -> str:
    return f"/twilio/status/stream?bodySHA256={hashlib.sha256(body).hexdigest()}"


def test_a_form_that_twilio_signed_is_accepted(signatures: WebhookSignatures) -> None:
    """Twilio's published example."""
    assert signatures.check_form(PATH, FORM, FORM_SIGNATURE)
    assert signatures.check_form(PATH, reversed(FORM), FORM_SIGNATURE)
    assert signatures.sign_form(PATH, FORM) == FORM_SIGNATURE


@pytest.mark.parametrize("public_url", ["https://x.example", "https://x.example/"])
def test_a_websocket_that_twilio_signed_is_accepted(public_url: str) -> None:
    """Signed over the wss address, with no fields."""
    signatures = WebhookSignatures([TOKEN], public_url)
    assert signatures.socket_url("/media") == "wss://x.example/media"
    assert signatures.check_socket("/media", SOCKET_SIGNATURE)
    assert signatures.sign_socket("/media") == SOCKET_SIGNATURE


@pytest.mark.parametrize(
    "signature", [None, "", " ", "=", FORM_SIGNATURE[:-1], FORM_SIGNATURE + " "]
)
def test_a_missing_or_damaged_signature_is_refused(
    signatures: WebhookSignatures, signature: str | None
) -> None:
    assert not signatures.check_form(PATH, FORM, signature)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/myapp.php?foo=1&bar=3", FORM),
        ("/myapp.php?bar=2&foo=1", FORM),
        ("/myapp.php", FORM),
        ("/other.php?foo=1&bar=2", FORM),
        (PATH, FORM[:-1]),
        (PATH, [*FORM, ("Extra", "")]),
        (PATH, [*FORM[:-1], ("To", "+18005551213")]),
        (PATH, [*FORM, ("To", "+18005551213")]),
        (PATH, []),
    ],
)
def test_what_was_changed_after_signing_is_refused(
    signatures: WebhookSignatures, path: str, form: list[tuple[str, str]]
) -> None:
    assert not signatures.check_form(path, form, FORM_SIGNATURE)


def test_a_signature_for_another_host_is_refused() -> None:
    """The address is ours by configuration, whatever the request says it was sent to."""
    elsewhere = WebhookSignatures([TOKEN], "https://other.example")
    assert not elsewhere.check_form(PATH, FORM, FORM_SIGNATURE)


def test_while_rotating_every_valid_token_is_accepted_and_the_first_one_signs() -> None:
    old, new = (WebhookSignatures([token], "https://a.example") for token in ("old", "new"))
    both = WebhookSignatures(["new", "old"], "https://a.example")
    for signer in (old, new):
        assert both.check_form(PATH, FORM, signer.sign_form(PATH, FORM))
        assert both.check_socket("/m", signer.sign_socket("/m"))
    assert not old.check_form(PATH, FORM, new.sign_form(PATH, FORM))
    assert both.sign_form(PATH, FORM) == new.sign_form(PATH, FORM)


def test_without_a_token_everything_is_refused_and_nothing_is_signed() -> None:
    signatures = WebhookSignatures([], "https://mycompany.com")
    assert not signatures.check_form(PATH, FORM, FORM_SIGNATURE)
    assert not signatures.check_socket("/media", SOCKET_SIGNATURE)
    with pytest.raises(ValueError, match="token"):
        signatures.sign_form(PATH)


@pytest.mark.parametrize(
    "public_url",
    [
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://[::1]:8080",
        "https://a.example:8443",
    ],
)
def test_an_address_with_a_port_works_with_our_own_carrier(public_url: str) -> None:
    signatures = WebhookSignatures([TOKEN], public_url)
    assert signatures.check_form(PATH, FORM, signatures.sign_form(PATH, FORM))
    assert signatures.check_socket("/m", signatures.sign_socket("/m"))
    scheme = "wss" if public_url.startswith("https") else "ws"
    assert signatures.socket_url("/m") == scheme + "://" + public_url.partition("://")[2] + "/m"


@pytest.mark.parametrize(
    ("public_url", "signed_as"),
    [
        ("https://a.example", "https://a.example:443"),
        ("https://a.example:443", "https://a.example"),
        ("https://a.example:8443", "https://a.example"),
        ("http://a.example", "http://a.example:80"),
    ],
)
def test_twilio_may_sign_with_the_port_or_without(public_url: str, signed_as: str) -> None:
    signature = RequestValidator(TOKEN).compute_signature(signed_as + PATH, dict(FORM))
    assert WebhookSignatures([TOKEN], public_url).check_form(PATH, FORM, signature)


def test_the_websocket_may_be_signed_with_the_port_of_wss() -> None:
    """twilio-python's own check tries port 80 here."""
    signature = RequestValidator(TOKEN).compute_signature("wss://a.example:443/m", {})
    assert WebhookSignatures([TOKEN], "https://a.example").check_socket("/m", signature)


def test_a_repeated_field_is_signed_once_for_each_different_value(
    signatures: WebhookSignatures,
) -> None:
    """As twilio's own validator does: values sorted, duplicates dropped."""
    form = [("MediaUrl", "b"), ("A", ""), ("MediaUrl", "a"), ("MediaUrl", "b")]
    once = RequestValidator(TOKEN).compute_signature(
        "https://mycompany.com/p" + "A" + "MediaUrla" + "MediaUrlb", {}
    )
    assert signatures.check_form("/p", form, once)


def test_a_body_is_accepted_with_its_hash_in_the_signed_address(
    signatures: WebhookSignatures,
) -> None:
    body = '{"ä": 1}'.encode()
    path = body_path(body)
    assert signatures.check_json(path, body, signatures.sign_json(path))


@pytest.mark.parametrize(
    "path",
    [
        "/p",
        "/p?bodySHA256=",
        "/p?bodySHA256=" + "0" * 64,
        "/p?bodySHA256=ä",
        "/p?bodySHA256=%ff",
        "/p?bodysha256=" + hashlib.sha256(b"{}").hexdigest(),
        "/p?bodySHA256=" + hashlib.sha256(b"{}").hexdigest() + "&bodySHA256=" + "0" * 64,
    ],
)
def test_a_body_without_its_own_hash_is_refused_however_it_is_signed(
    signatures: WebhookSignatures, path: str
) -> None:
    assert not signatures.check_json(path, b"{}", signatures.sign_json(path))


def test_a_body_with_its_hash_is_refused_when_the_address_is_not_signed(
    signatures: WebhookSignatures,
) -> None:
    assert not signatures.check_json(body_path(b"{}"), b"{}", signatures.sign_json("/p"))
    assert not signatures.check_json(body_path(b"{}"), b"{}", None)


def test_a_signature_is_valid_for_its_kind_of_request_only(signatures: WebhookSignatures) -> None:
    assert not signatures.check_socket("/p", signatures.sign_form("/p"))
    assert not signatures.check_form("/p", [], signatures.sign_socket("/p"))


@pytest.mark.parametrize("path", ["", "p", "https://mycompany.com/p", "@evil.example/p", ":80/p"])
def test_a_path_that_is_none_is_refused_however_it_is_signed(
    signatures: WebhookSignatures, path: str
) -> None:
    assert not signatures.check_form(path, [], signatures.sign_form(path))


def test_a_file_in_a_form_is_refused(signatures: WebhookSignatures) -> None:
    form = [("A", object())]
    assert not signatures.check_form("/p", form, "a")  # type: ignore[arg-type]  # as parsers give it


anything = st.text(st.characters(exclude_categories=[]), max_size=30)


@given(anything, st.lists(st.tuples(anything, anything), max_size=4), anything, st.binary())
def test_hostile_input_is_refused_and_never_raises(
    path: str, form: list[tuple[str, str]], signature: str, body: bytes
) -> None:
    """Half surrogates, null characters and broken brackets included."""
    signatures = WebhookSignatures([TOKEN], "https://mycompany.com")
    assert not signatures.check_form("/" + path, form, signature)
    assert not signatures.check_json("/" + path, body, signature)
    assert not signatures.check_socket("/" + path, signature)
    assert not signatures.check_socket("//[" + path, signature)


printable = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(printable, printable), max_size=5))
def test_what_our_carrier_signs_twilios_validator_accepts(form: list[tuple[str, str]]) -> None:
    """An independent check of the signer, where no field is repeated."""
    once = list(dict(form).items())
    signatures = WebhookSignatures([TOKEN], "https://mycompany.com")
    signature = signatures.sign_form(PATH, once)
    assert RequestValidator(TOKEN).validate("https://mycompany.com" + PATH, dict(once), signature)
    assert signatures.check_form(PATH, once, signature)


@pytest.mark.parametrize(
    "public_url",
    [
        "",
        "agent.example",
        "ftp://agent.example",
        "https://",
        "https://agent.example/app",
        "https://agent.example?a=1",
        "https://agent.example#a",
        "https://user:secret@agent.example",
        "https://agent.example:99999",
    ],
)
def test_a_public_url_that_is_not_an_origin_is_refused(public_url: str) -> None:
    with pytest.raises(ValueError, match=r"public URL|[Pp]ort") as error:
        WebhookSignatures([TOKEN], public_url)
    assert "secret" not in str(error.value)


def test_an_empty_token_is_refused() -> None:
    """It would make everybody a valid signer."""
    with pytest.raises(ValueError, match="token"):
        WebhookSignatures([TOKEN, ""], "https://mycompany.com")
