"""Every operation of the full example answers what its own document promises, whatever is sent to it."""

import pytest

from fasterapi.testclient import assert_contract

pytest.importorskip("schemathesis", reason="the e2e session installs schemathesis")


# Generated requests reuse connections and temporary files of the generator, which it closes late.
@pytest.mark.filterwarnings("ignore")
def test_the_full_example_keeps_its_contract(tmp_path, monkeypatch):
    monkeypatch.setenv("FASTERAPI_EXAMPLE_DB", str(tmp_path / "users.sqlite3"))
    from examples import full_crud_app

    monkeypatch.setattr(full_crud_app, "DATABASE", tmp_path / "users.sqlite3")
    assert_contract(full_crud_app.app, max_examples=20)


@pytest.mark.filterwarnings("ignore")
def test_the_catalogue_keeps_its_contract_errors_and_all():
    from examples import catalogue

    assert_contract(catalogue.app, max_examples=20)
