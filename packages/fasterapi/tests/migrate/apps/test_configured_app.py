import pytest

pytest.importorskip("pydantic_settings")

from configured_app import Settings, app, get_settings
from fastapi.testclient import TestClient

client = TestClient(app)


def get_settings_override():
    return Settings(app_name="Test", admin_email="test@example.com")


def test_environment(monkeypatch):
    monkeypatch.setenv("SHOP_APP_NAME", "Shop")
    monkeypatch.setenv("SHOP_LIMITS__PER_PAGE", "5")
    get_settings.cache_clear()
    assert client.get("/info").json() == {"name": "Shop", "per_page": 5}
    get_settings.cache_clear()


def test_override():
    app.dependency_overrides[get_settings] = get_settings_override
    assert client.get("/info").json() == {"name": "Test", "per_page": 10}
    assert client.get("/dump").json() == {
        "app_name": "Test", "admin_email": "test@example.com", "limits": {"per_page": 10},
    }
    app.dependency_overrides.clear()
