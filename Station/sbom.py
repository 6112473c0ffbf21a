#!/usr/bin/env python3
"""The bill of materials of a built station, CycloneDX 1.5 as JSON on standard output: the packages that are compiled in, as
Package.resolved pins them, and the system's libraries that the executable loads, by their Debian packages.

    python3 Station/sbom.py .build/release/station > station.cdx.json
"""

import hashlib
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def packages():
    """What is compiled in."""
    for pin in json.loads((ROOT / "Package.resolved").read_text())["pins"]:
        version = pin["state"].get("version") or pin["state"]["revision"]
        place = pin["location"].removesuffix(".git")
        purl = "pkg:swift/" + place.removeprefix("https://") + "@" + version
        yield {
            "type": "library",
            "bom-ref": purl,
            "name": pin["identity"],
            "version": version,
            "purl": purl,
            "externalReferences": [{"type": "vcs", "url": pin["location"]}],
            "properties": [{"name": "git:revision", "value": pin["state"]["revision"]}],
        }


def said(*words):
    return subprocess.run(words, capture_output=True, text=True).stdout


def libraries(program):
    """What is loaded at the start, one component for each Debian package, or for each file that belongs to none."""
    paths = {}
    for line in said("ldd", program).splitlines():
        words = line.split()
        path = words[2] if "=>" in words and len(words) > 2 else words[0]
        if path.startswith("/"):
            # Since /usr was merged a library is known to dpkg under one of these paths.
            real = str(pathlib.Path(path).resolve())
            paths[path] = (path, real, real.removeprefix("/usr"))
    owners = {}
    for line in said("dpkg", "-S", *sorted({name for names in paths.values() for name in names})).splitlines():
        owner, _, name = line.rpartition(": ")
        owners[name] = owner.split(",")[0]
    found = {}
    for path, names in paths.items():
        real = names[1]
        owner = next((owners[name] for name in names if name in owners), None)
        if owner:
            name, version, architecture = said(
                "dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}", owner
            ).split("\t")
            purl = f"pkg:deb/debian/{name}@{version}?arch={architecture}"
            component = found.setdefault(
                purl,
                {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, "properties": []},
            )
        else:
            digest = hashlib.sha256(pathlib.Path(real).read_bytes()).hexdigest()
            name = pathlib.Path(path).name
            component = found.setdefault(
                name,
                {
                    "type": "library",
                    "bom-ref": name,
                    "name": name,
                    "hashes": [{"alg": "SHA-256", "content": digest}],
                    "properties": [],
                },
            )
        component["properties"].append({"name": "file", "value": pathlib.Path(path).name})
    return list(found.values())


def main():
    program = sys.argv[1]
    digest = hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()
    version = said(program, "--version").strip()
    json.dump(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {
                "component": {
                    "type": "application",
                    "bom-ref": "station",
                    "name": "provisioning-station",
                    "version": version,
                    "hashes": [{"alg": "SHA-256", "content": digest}],
                }
            },
            "components": sorted([*packages(), *libraries(program)], key=lambda one: one["bom-ref"]),
        },
        sys.stdout,
        indent=2,
    )
    print()


if __name__ == "__main__":
    main()
