"""The pages as text: nothing breaks out, nothing inline, nothing from outside unless asked for."""

import html
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

import fasterapi_openapi as oa
from fasterapi_openapi.pages import SCALAR_CDN_URL, SWAGGER_UI_DEFAULT_PARAMETERS

EVIL = "</title></script><script>alert('\"&')</script>"


class Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside = ""
        self.texts: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append((tag, dict(attributes)))
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        self.texts[self.inside] = self.texts.get(self.inside, "") + data

    @property
    def configuration(self) -> Any:
        (found,) = (a["data-configuration"] for _, a in self.tags if "data-configuration" in a)
        return json.loads(found or "")

    @property
    def addresses(self) -> list[str]:
        return [
            a.get("src") or a.get("href") or "" for tag, a in self.tags if tag in ("script", "link", "img")
        ]


def swagger(**options: Any) -> Reader:
    return Reader(oa.swagger_ui_html(**{"openapi_url": "/openapi.json", "title": "T", **options}))


def redoc(**options: Any) -> Reader:
    return Reader(oa.redoc_html(**{"openapi_url": "/openapi.json", "title": "T", **options}))


def scalar(**options: Any) -> Reader:
    return Reader(oa.scalar_html(**{"openapi_url": "/openapi.json", "title": "T", **options}))


@pytest.mark.parametrize("page", [swagger, redoc, scalar])
def test_no_text_can_break_out_of_a_page(page: Any) -> None:
    found = page(title=EVIL, openapi_url=EVIL, assets_url=EVIL)
    assert found.texts["title"] == EVIL
    assert found.configuration["openapiUrl"] == EVIL
    assert sum(tag == "script" for tag, _ in found.tags) == 2
    assert found.texts.get("script", "").strip() == ""


@pytest.mark.parametrize("page", [swagger, redoc, scalar])
def test_pages_say_their_encoding_and_hold_no_script_or_style(page: Any) -> None:
    found = page()
    assert ("meta", {"charset": "utf-8"}) in found.tags
    assert "style" not in {tag for tag, _ in found.tags}
    assert not any(name.startswith("on") for _, attributes in found.tags for name in attributes)


@pytest.mark.parametrize("page", [swagger, redoc])
def test_every_address_is_a_shipped_file_beside_the_page(page: Any) -> None:
    for address in page().addresses:
        assert oa.asset(address.removeprefix("docs-assets/")).name in oa.ASSET_NAMES
    assert all(address.startswith("/static/") for address in page(assets_url="/static").addresses)


def test_swagger_ui_gets_fastapis_defaults_and_the_callers_parameters() -> None:
    found = swagger(swagger_ui_parameters={"deepLinking": False, "syntaxHighlight": {"theme": "obsidian"}})
    assert found.configuration == {
        "openapiUrl": "/openapi.json",
        "oauth2RedirectUrl": None,
        "initOAuth": None,
        "parameters": {
            **SWAGGER_UI_DEFAULT_PARAMETERS, "deepLinking": False, "syntaxHighlight": {"theme": "obsidian"},
        },
    }  # fmt: skip


def test_swagger_ui_may_come_from_elsewhere() -> None:
    found = swagger(
        swagger_js_url="https://cdn/a.js", swagger_css_url="https://cdn/a.css", swagger_favicon_url="/icon.png",
        oauth2_redirect_url="/docs/oauth2-redirect", init_oauth={"clientId": "x"},
    )  # fmt: skip
    assert found.addresses == [
        "/icon.png", "https://cdn/a.css", "docs-assets/page.css", "https://cdn/a.js", "docs-assets/swagger-init.js",
    ]  # fmt: skip
    assert found.configuration["oauth2RedirectUrl"] == "/docs/oauth2-redirect"
    assert found.configuration["initOAuth"] == {"clientId": "x"}


def test_redoc_takes_its_options_and_fonts_only_on_request() -> None:
    assert not any("fonts" in address for address in redoc().addresses)
    found = redoc(
        with_google_fonts=True, redoc_js_url="/r.js", redoc_favicon_url="/i.png",
        redoc_parameters={"hideDownloadButton": True},
    )  # fmt: skip
    assert [a.split("?")[0] for a in found.addresses] == [
        "/i.png", "https://fonts.googleapis.com/css", "docs-assets/page.css", "/r.js", "docs-assets/redoc-init.js",
    ]  # fmt: skip
    assert found.configuration["parameters"] == {"hideDownloadButton": True}


def test_scalar_comes_from_a_pinned_address_unless_told_otherwise() -> None:
    assert re.search(r"@scalar/api-reference@\d+\.\d+\.\d+/", SCALAR_CDN_URL)
    assert SCALAR_CDN_URL in scalar().addresses
    found = scalar(scalar_js_url="/s.js", scalar_favicon_url="/i.png", scalar_parameters={"theme": "moon"})
    assert found.addresses == ["/i.png", "docs-assets/page.css", "/s.js", "docs-assets/scalar-init.js"]
    assert found.configuration["parameters"] == {"withDefaultFonts": False, "theme": "moon"}


def test_parameters_must_be_json() -> None:
    with pytest.raises(TypeError):
        swagger(swagger_ui_parameters={"requestInterceptor": object()})


def test_the_redirect_page_loads_the_viewers_own_script() -> None:
    found = Reader(oa.oauth2_redirect_html())
    assert found.addresses == ["../docs-assets/oauth2-redirect.js"]
    assert html.escape(EVIL) in oa.oauth2_redirect_html(assets_url=EVIL)
