"""The shipped files: what they are, where they come from, and how large the wheel gets."""

import gzip
import hashlib
import json
from importlib.resources import files
from typing import Any

import pytest

import fasterapi_openapi as oa

VIEWERS = files("fasterapi_openapi").joinpath("viewers")
MANIFEST = json.loads(VIEWERS.joinpath("manifest.json").read_text(encoding="utf-8"))
PACKAGES = {package["name"]: package for package in MANIFEST["packages"]}


@pytest.mark.parametrize(
    ("name", "version", "license"), [("swagger-ui-dist", "5.35.0", "Apache-2.0"), ("redoc", "2.5.4", "MIT")]
)
def test_the_manifest_names_version_licence_and_integrity(name: str, version: str, license: str) -> None:
    package = PACKAGES[name]
    assert (package["version"], package["license"]) == (version, license)
    assert package["integrity"].startswith("sha512-")
    for text in package["licenses"]:
        assert VIEWERS.joinpath("licenses", text).read_text(encoding="utf-8").strip()


FILES = [(name, facts) for package in MANIFEST["packages"] for name, facts in package["files"].items()]


@pytest.mark.parametrize(("name", "facts"), FILES)
def test_every_file_is_the_one_in_the_manifest(name: str, facts: dict[str, Any]) -> None:
    plain = oa.asset(name).plain
    assert len(plain) == facts["bytes"]
    assert hashlib.sha256(plain).hexdigest() == facts["sha256"]


def test_changes_to_a_file_are_in_the_manifest_and_in_the_file() -> None:
    for package in MANIFEST["packages"]:
        for change in package["changes"]:
            text = oa.asset(change["file"]).plain.decode()
            assert change["found"] not in text
            assert change["instead"] in text


@pytest.mark.parametrize("name", oa.ASSET_NAMES)
def test_every_asset_is_served_packed_or_plain(name: str) -> None:
    asset = oa.asset(name)
    assert asset is oa.asset(name)
    assert asset.name == name
    assert gzip.decompress(asset.gzip_bytes) == asset.plain
    assert asset.etag.startswith('W/"')
    assert asset.media_type.split(";")[0] in ("text/javascript", "text/css", "image/svg+xml")


def test_etags_tell_the_files_apart() -> None:
    assert len({oa.asset(name).etag for name in oa.ASSET_NAMES}) == len(oa.ASSET_NAMES)


@pytest.mark.parametrize(
    "name", ["", "nothing.js", "../__init__.py", "manifest.json", "licenses/redoc.LICENSE.txt"]
)
def test_nothing_else_is_served(name: str) -> None:
    with pytest.raises(oa.AssetNotFound, match=r"swagger-ui\.css") as info:
        oa.asset(name)
    assert info.value.name == name


def test_the_files_leave_room_in_a_wheel_of_900_kb() -> None:
    packed = sum(len(oa.asset(name).gzip_bytes) for name in oa.ASSET_NAMES)
    assert packed < 840_000


def test_no_shipped_file_asks_for_redocs_logo() -> None:
    assert b"cdn.redoc.ly" not in oa.asset("redoc.standalone.js").plain
