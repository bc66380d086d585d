"""The pages in a real browser: no network but the server's, the policy set, nothing to complain about."""

import os
from typing import Any


def photograph(page: Any, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_swagger_ui_lists_the_operations_and_try_it_out_shows_the_answer(address: str, visit: Any) -> None:
    page = visit.page
    page.goto(f"{address}/docs")
    page.wait_for_selector("#operations-items-show_item")
    photograph(page, "swagger")
    page.click("#operations-items-show_item .opblock-summary")
    page.fill("#operations-items-show_item input", "42")
    page.click("#operations-items-show_item button.execute")
    answer = page.wait_for_selector("#operations-items-show_item .live-responses-table .response .microlight")
    assert "item 42" in answer.inner_text()
    photograph(page, "swagger-answer")
    assert page.title() == 'Shop </title></script><script>alert("broken out")</script>'
    assert visit.complaints == []
    assert visit.outside(address) == []


def test_redoc_renders_every_operation(address: str, visit: Any) -> None:
    page = visit.page
    page.goto(f"{address}/redoc")
    page.wait_for_selector("h2:has-text('Create Item')")
    page.wait_for_selector("h2:has-text('Show Item')")
    page.fill("input[placeholder='Search...']", "create")
    page.wait_for_selector("[data-role='search:results'] >> text=Create Item")
    photograph(page, "redoc")
    assert visit.complaints == []
    assert visit.outside(address) == []


def test_an_authorization_answer_reaches_the_page_that_asked(address: str, visit: Any) -> None:
    page = visit.page
    page.goto(f"{address}/docs")
    page.wait_for_selector("#operations-items-show_item")
    page.evaluate(
        """() => {
            window.answer = null;
            window.swaggerUIRedirectOauth2 = {
                state: "s", redirectUrl: "r",
                auth: { name: "login", schema: new Map([["flow", "authorizationCode"]]) },
                callback: (given) => { window.answer = given.auth.code; },
                errCb: (error) => { window.answer = error.message; },
            };
        }"""
    )
    with page.expect_popup() as popup:
        page.evaluate("() => { window.open('docs/oauth2-redirect?code=abc&state=s') }")
    assert popup.value is not None
    page.wait_for_function("() => window.answer !== null")
    assert page.evaluate("() => window.answer") == "abc"
    assert visit.complaints == []
