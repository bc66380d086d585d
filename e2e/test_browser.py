"""The full example's documentation in a real browser that reaches nothing but the server."""

import os
import shutil

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser session installs playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture
def page():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.complaints = []
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        yield page
        browser.close()


def photograph(page, name):
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_try_it_out_creates_a_user_on_the_running_server(start, page):
    server = start("uvicorn", "examples.full_crud_app:app")
    page.goto(f"{server.url}/docs")
    block = "[id^=operations-users-create_user]"
    page.wait_for_selector(block)
    photograph(page, "app-docs")
    page.click(f"{block} .opblock-summary")
    page.click(f"{block} .try-out__btn")
    page.fill(f"{block} textarea", '{"name": "Ann", "email": "ann@example.org"}')
    page.click(f"{block} button.execute")
    answer = page.wait_for_selector(f"{block} .live-responses-table .response .microlight")
    assert '"email": "ann@example.org"' in answer.inner_text()
    photograph(page, "app-docs-answer")
    assert page.complaints == []


def test_redoc_renders_every_operation(start, page):
    server = start("uvicorn", "examples.full_crud_app:app")
    page.goto(f"{server.url}/redoc")
    for title in ("List users", "Create user", "Delete user", "Health"):
        page.wait_for_selector(f"h2:has-text('{title}')")
    photograph(page, "app-redoc")
    assert page.complaints == []
