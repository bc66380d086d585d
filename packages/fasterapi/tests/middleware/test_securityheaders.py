"""Browsers are told to be careful, unless the handler says otherwise."""

import re

import pytest

from fasterapi import Faster, HTMLResponse, Request
from fasterapi.middleware.securityheaders import DEFAULT_CSP, SecurityHeadersMiddleware
from fasterapi.testclient import TestClient

PRESET = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": DEFAULT_CSP,
}
HSTS = {"strict-transport-security": "max-age=31536000; includeSubDomains"}


@pytest.mark.parametrize(("scheme", "expected"), [("http", PRESET), ("https", PRESET | HSTS)])
def test_the_preset_is_on_every_response_and_hsts_on_encrypted_ones(ask, reply, scheme, expected):
    for status in (200, 304, 404, 500):
        assert ask(SecurityHeadersMiddleware(reply(status)), scheme=scheme).headers == expected


def test_the_answer_to_an_unhandled_error_has_them_too():
    app = Faster()
    app.add_middleware(SecurityHeadersMiddleware)

    @app.get("/fails")
    async def fails() -> None:
        raise LookupError

    headers = TestClient(app, raise_server_exceptions=False).get("/fails").headers
    assert PRESET.items() <= dict(headers).items()


def test_what_the_handler_has_set_stays(ask, reply):
    own = {"X-Frame-Options": "SAMEORIGIN", "Content-Security-Policy": "default-src *"}
    headers = ask(SecurityHeadersMiddleware(reply(headers=own))).headers
    assert headers == {**PRESET, "x-frame-options": "SAMEORIGIN", "content-security-policy": "default-src *"}


@pytest.mark.parametrize(
    ("option", "header"),
    [
        ("hsts", "strict-transport-security"),
        ("content_type_options", "x-content-type-options"),
        ("referrer_policy", "referrer-policy"),
        ("permissions_policy", "permissions-policy"),
        ("frame_options", "x-frame-options"),
        ("opener_policy", "cross-origin-opener-policy"),
        ("resource_policy", "cross-origin-resource-policy"),
        ("csp", "content-security-policy"),
    ],
)
def test_every_header_can_be_changed_and_left_out(ask, reply, option, header):
    changed = ask(SecurityHeadersMiddleware(reply(), **{option: "other"}), scheme="https").headers
    assert changed == {**PRESET, **HSTS, header: "other"}
    without = ask(SecurityHeadersMiddleware(reply(), **{option: None}), scheme="https").headers
    assert without == {name: value for name, value in (PRESET | HSTS).items() if name != header}


def test_further_headers_can_be_added(ask, reply):
    app = SecurityHeadersMiddleware(reply(), extra={"X-Robots-Tag": "noindex"})
    assert ask(app).headers == {**PRESET, "x-robots-tag": "noindex"}


def test_a_policy_can_be_tried_before_it_is_enforced(ask, reply):
    headers = ask(SecurityHeadersMiddleware(reply(), csp_report_only=True)).headers
    assert headers["content-security-policy-report-only"] == DEFAULT_CSP
    assert "content-security-policy" not in headers


def test_a_nonce_is_new_for_every_request_and_known_to_the_handler():
    app = Faster()
    app.add_middleware(SecurityHeadersMiddleware, csp="script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'")

    @app.get("/")
    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(f'<script nonce="{request.state.csp_nonce}"></script>')

    nonces = set()
    for _ in range(3):
        response = TestClient(app).get("/")
        (nonce,) = re.findall('nonce="([^"]+)"', response.text)
        assert (
            response.headers["content-security-policy"]
            == f"script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
        )
        assert len(nonce) >= 22
        nonces.add(nonce)
    assert len(nonces) == 3


def test_templates_know_the_nonce(tmp_path):
    pytest.importorskip("jinja2")
    from fasterapi.templating import Jinja2Templates

    (tmp_path / "page.html").write_text('<script nonce="{{ request.state.csp_nonce }}"></script>')
    templates = Jinja2Templates(tmp_path)
    app = Faster()
    app.add_middleware(SecurityHeadersMiddleware, csp="script-src 'nonce-{nonce}'")

    @app.get("/")
    async def page(request: Request):
        return templates.TemplateResponse(request, "page.html")

    response = TestClient(app).get("/")
    assert re.search("nonce-([^']+)", response.headers["content-security-policy"])[1] in response.text


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect"])
def test_the_documentation_keeps_its_own_policy(path):
    app, bare = Faster(), Faster()
    app.add_middleware(SecurityHeadersMiddleware)
    own = TestClient(bare).get(path).headers["content-security-policy"]
    response = TestClient(app).get(path)
    assert response.headers["content-security-policy"] == own != DEFAULT_CSP
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "options",
    [
        {"csp": "default-src 'self'\r\nx: y"},
        {"csp": "é"},
        {"csp": ""},
        {"hsts": " max-age=1"},
        {"csp": "script-src 'nonce-{nonce}'\n"},
        {"extra": {"a b": "c"}},
    ],
)
def test_a_value_that_no_header_can_have_is_refused_at_once(options):
    with pytest.raises(ValueError, match="SecurityHeadersMiddleware"):
        SecurityHeadersMiddleware(None, **options)
