"""Print the software bill of materials: what `requirements/web.txt` pins, as CycloneDX JSON.

That lock has everything of `requirements/runtime.txt` too.

The same lock gives the same bytes: no time stamp, no chance, no address, so that it is committed beside the lock and a
test can compare them. Whoever installs by the lock installs exactly what stands here.
"""

import re
import sys
import tomllib
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^(?P<name>\S+)==(?P<version>[^\s;]+)(?P<rest>(?:.*\\\n)+.*)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill(lock: str, project: dict[str, str]) -> str:
    """Return the bill of a lock as canonical JSON."""
    program = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        licenses=[DisjunctiveLicense(id=project["license"])],
        bom_ref=project["name"],
    )
    parts = [_part(*found) for found in PIN.findall(lock)]
    bom = Bom(components=parts)
    bom.metadata.component = program
    bom.metadata.timestamp = None  # type: ignore[assignment]  # as the library's own command leaves it out
    bom.serial_number = None  # type: ignore[assignment]  # likewise
    bom.register_dependency(program, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _part(name: str, version: str, rest: str) -> Component:
    url = PackageURL("pypi", None, name, version)
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in HASH.findall(rest)]
    files = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(str(url)), hashes=hashes)
    return Component(name=name, version=version, purl=url, external_references=[files], bom_ref=f"{name}=={version}")


if __name__ == "__main__":
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sys.stdout.write(bill((ROOT / "requirements" / "web.txt").read_text(encoding="utf-8"), metadata))
