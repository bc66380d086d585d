# ruff: noqa: INP001 - a script beside the package, not a part of it
"""Fetch the documentation viewers from npm and write them, gzip'd, into the package.

Knows: which files of which pinned versions are shipped, and the changes made to them. Needs `npm`.
Run `python tools/refresh_viewers.py` after changing a pin; then read the diff of `manifest.json`. The same
pins always give the same bytes.
"""

import base64
import gzip
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

VIEWERS = Path(__file__).parent.parent / "src" / "fasterapi_openapi" / "viewers"
EMPTY_IMAGE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


class Pin(NamedTuple):
    """One npm package: what is taken from it. `files` and `licenses`: name here → path in the package.

    `replacements` are made in the text of the files: (file, text found exactly once, text instead, why).
    """

    name: str
    version: str
    files: dict[str, str]
    licenses: dict[str, str]
    replacements: tuple[tuple[str, str, str, str], ...] = ()


PINS = (
    Pin(
        "swagger-ui-dist",
        "5.35.0",
        {
            "swagger-ui-bundle.js": "swagger-ui-bundle.js",
            "swagger-ui.css": "swagger-ui.css",
            "oauth2-redirect.js": "oauth2-redirect.js",
        },
        {
            "swagger-ui-dist.LICENSE.txt": "LICENSE",
            "swagger-ui-dist.NOTICE.txt": "NOTICE",
            "swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-bundle.js.LICENSE.txt",
        },
    ),
    Pin(
        "redoc",
        "2.5.4",
        {"redoc.standalone.js": "bundles/redoc.standalone.js"},
        {
            "redoc.LICENSE.txt": "LICENSE",
            "redoc.standalone.js.LICENSE.txt": "bundles/redoc.standalone.js.LICENSE.txt",
        },
        (
            (
                "redoc.standalone.js",
                "https://cdn.redoc.ly/redoc/logo-mini.svg",
                EMPTY_IMAGE,
                "the footer's logo would be fetched from outside",
            ),
        ),
    ),
)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        packages = [refresh(pin, Path(folder)) for pin in PINS]
    text = json.dumps({"packages": packages}, indent=2, sort_keys=True) + "\n"
    (VIEWERS / "manifest.json").write_text(text, encoding="utf-8")
    return 0


def refresh(pin: Pin, folder: Path) -> dict[str, Any]:
    """Fetch one package and write its files; returns its entry in the manifest."""
    command = ["npm", "pack", "--json", "--silent", f"{pin.name}@{pin.version}"]
    answer = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
    packed = json.loads(answer.stdout)[0]
    archive = folder / packed["filename"]
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if integrity != packed["integrity"]:
        message = f"{pin.name}: npm announced {packed['integrity']}, the archive has {integrity}"
        raise SystemExit(message)
    files = {}
    with tarfile.open(archive) as tar:
        declared = json.loads(read_member(tar, "package.json"))
        for name, path in pin.files.items():
            content = replace(pin, name, read_member(tar, path))
            packed_bytes = gzip.compress(content, compresslevel=9, mtime=0)
            (VIEWERS / f"{name}.gz").write_bytes(packed_bytes)
            files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, path in pin.licenses.items():
            (VIEWERS / "licenses" / name).write_bytes(read_member(tar, path))
    return {
        "name": pin.name,
        "version": pin.version,
        "license": declared["license"],
        "integrity": integrity,
        "files": files,
        "licenses": sorted(pin.licenses),
        "changes": [
            {"file": file, "found": found, "instead": instead, "why": why}
            for file, found, instead, why in pin.replacements
        ],
    }


def read_member(tar: tarfile.TarFile, path: str) -> bytes:
    member = tar.extractfile(f"package/{path}")
    if member is None:
        message = f"{path} is not a file of the package"
        raise SystemExit(message)
    return member.read()


def replace(pin: Pin, name: str, content: bytes) -> bytes:
    for file, found, instead, _ in pin.replacements:
        if file == name:
            if content.count(found.encode()) != 1:
                message = f"{pin.name}/{name}: expected {found!r} exactly once"
                raise SystemExit(message)
            content = content.replace(found.encode(), instead.encode())
    return content


if __name__ == "__main__":
    sys.exit(main())
