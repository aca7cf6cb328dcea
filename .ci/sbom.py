"""Makes documents of a small inventory with `hss sbom`, validates them, and reads them again. Exits with 1 if one is wrong."""

import json
import pathlib
import subprocess
import sys
import tempfile

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

hss = sys.argv[1]
folder = pathlib.Path(tempfile.mkdtemp())
seen_at = "2026-11-01T00:00:00.000Z"
ROWS = [
    {"kind": "software", "host_id": "h1", "host_name": "web", "name": "libstdc++6", "version": "1:12.1-2", "path": "/usr"},
    {"kind": "software", "host_id": "h2", "name": "openssl-libs", "version": "1:1.0.2k-19.el7", "seen_at": seen_at},
    {"kind": "software", "host_id": "h2", "name": "no version"},
    {"kind": "packages", "host_id": "h1", "name": "@types/node", "version": "20.1.0", "path": "/srv/node", "hash": "a" * 64,
     "container": {"id": "c1", "name": "shop"}, "seen_at": seen_at, "extra": {"file_type": "npm"}},
    {"kind": "packages", "host_id": "h2", "name": "Typing_Extensions-4.0+local", "version": "4.0+local", "path": "/é ü",
     "hash": "not a hash", "extra": {"file_type": "python"}},
    {"kind": "packages", "host_id": "../h3", "name": "log4j-core-2.14.1", "version": "2.14.1", "hash": "B" * 40,
     "extra": {"file_type": "jar"}},
    {"kind": "ports", "host_id": "h1", "port": 22},
]
HOSTS = [{"host_id": "h1", "os_name": "Ubuntu 22.04 server 64bit"}, {"host_id": "h2", "os_name": "CentOS 7.9 64bit"}]
PURLS = {
    "pkg:deb/ubuntu/libstdc%2B%2B6@1:12.1-2?distro=ubuntu-22.04",
    "pkg:rpm/centos/openssl-libs@1.0.2k-19.el7?distro=centos-7.9&epoch=1",
    "pkg:rpm/centos/no%20version?distro=centos-7.9",
    "pkg:npm/%40types/node@20.1.0",
    "pkg:pypi/typing-extensions@4.0%2Blocal",
}


def save(name, rows):
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def equal(what, seen, expected):
    if seen != expected:
        sys.exit(f"{what} is {seen!r}, not {expected!r}")
    print(f"ok: {what} is {seen!r}")


def read(what, text):
    """Validates a document, and returns what the library reads from it."""
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error is not None:
        sys.exit(f"{what} is not valid: {error}")
    return Bom.from_json(json.loads(text))


def sbom(rows, *args):
    command = [hss, "sbom", "--from", rows, "--hosts", hosts, *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


hosts = save("hosts.jsonl", HOSTS)
rows = save("rows.jsonl", ROWS)
text = sbom(rows)
bom = read("the document of all servers", text)
equal("the number of components", len(bom.components), 3 + 6)
# Parsed by the library, and printed in its canonical form.
equal("package URLs", sorted(str(c.purl).replace("%3A", ":") for c in bom.components if c.purl), sorted(PURLS))
equal("algorithms", sorted(h.alg.value for c in bom.components for h in c.hashes), ["SHA-1", "SHA-256"])
equal("what the servers depend on", sorted(len(d.dependencies) for d in bom.dependencies if d.dependencies), [1, 2, 3, 3])
bom.validate()
equal("whether reversed rows make the same document", sbom(save("reversed.jsonl", ROWS[::-1])) == text, True)

sbom(rows, "--per-host", folder / "documents")
names = sorted(path.name for path in (folder / "documents").iterdir())
equal("the files", names, ["%2E.%2Fh3.cdx.json", "h1.cdx.json", "h2.cdx.json"])
for path in (folder / "documents").iterdir():
    read(path.name, path.read_text()).validate()
alone = sbom(rows, "--host", "h1")
equal("whether a server has one document", alone == (folder / "documents" / "h1.cdx.json").read_text(), True)
empty = read("the document of an empty inventory", sbom(save("empty.jsonl", [])))
equal("the number of its components", len(empty.components), 0)
