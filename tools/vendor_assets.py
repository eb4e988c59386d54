"""Bring third-party browser files into the tree, checked and without another organisation's brand.

`python tools/vendor_assets.py` needs npm; the results are committed, so nothing else does.
`--check` writes nothing and exits 1 when a committed file differs from what would be written.

The font, crest and blue in govuk-frontend are for gov.uk services only, so they are taken out.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "gateway" / "pages" / "static"
AXE = ROOT / "tests" / "support" / "axe"

BRAND = "#00524c"
TINT = "#f3f7f6"
TINT_EDGE = "#8fb5b0"
FONT_STACK = '"Helvetica Neue",Helvetica,Arial,sans-serif'

MIT = """The MIT License (MIT)

Copyright (C) 2017 Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do
so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.

Changed here: the fonts, the crest, the logotype rules and the brand colour were taken out.
"""


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package at one version, and the digest that npm publishes for it."""

    name: str
    version: str
    sha512: str


GOVUK = Package(
    "govuk-frontend",
    "6.3.0",
    "cXIQxm5PHCsbic47GXZrVBZhAeeshTLRL6ZBKilLsR6rMCjJuWb7Fruq0VUNMBJFlJk/srsRj/q8d5bM9cgKoA==",
)
AXE_CORE = Package(
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)


def fetch(package: Package) -> tarfile.TarFile:
    """Return the package as npm packs it.

    Raises:
        SystemExit: The bytes do not have the expected digest.
    """
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", f"{package.name}@{package.version}", "--silent"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        packed = next(Path(folder).glob("*.tgz")).read_bytes()
    digest = base64.b64encode(hashlib.sha512(packed).digest()).decode()
    if digest != package.sha512:
        sys.exit(f"{package.name} {package.version}: sha512 is {digest}, not {package.sha512}")
    return tarfile.open(fileobj=io.BytesIO(packed))


def text(archive: tarfile.TarFile, path: str) -> str:
    """Return one file of the package."""
    member = archive.extractfile(f"package/{path}")
    if member is None:
        sys.exit(f"{path} is not in the package")
    return member.read().decode()


def rebranded_css(css: str) -> str:
    """Return the style sheet without the font, the crest, the logotype and the blue of gov.uk."""
    css = re.sub(r"/\*! Copyright \(c\) 2011 .*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("font-family:GDS Transport,arial,sans-serif", f"font-family:{FONT_STACK}")
    ours_alone = "footer__crown|footer__copyright-logo|header__logotype|logo-dot"
    css = re.sub(rf"[^{{}};]*\.govuk-(?:{ours_alone})[^{{}}]*\{{[^{{}}]*\}}", "", css)
    css = re.sub(r"@[^{}]*\{\}", "", css)
    css = css.replace("#1d70b8", BRAND).replace("#f4f8fb", TINT).replace("#8eb8dc", TINT_EDGE)
    css = re.sub(r"\n?/\*# sourceMappingURL=.*?\*/", "", css)
    notice = "/*! govuk-frontend 6.3.0, MIT licence, rebranded */"
    return css.replace('@charset "UTF-8";', f'@charset "UTF-8";{notice}', 1).strip() + "\n"


def rebranded_js(script: str) -> str:
    """Return the script, whose only trace of the brand is in the texts of its errors."""
    script = script.replace("GOV.UK Frontend", "govuk-frontend")
    script = re.sub(r"//# sourceMappingURL=.*", "", script)
    return f"/*! govuk-frontend 6.3.0, MIT licence */\n{script.strip()}\n"


def wanted() -> dict[Path, str]:
    """Return every vendored file and the text it should hold."""
    govuk = fetch(GOVUK)
    axe = fetch(AXE_CORE)
    dist = "dist/govuk/govuk-frontend.min"
    name = f"govuk-{GOVUK.version}"
    return {
        STATIC / f"{name}.css": rebranded_css(text(govuk, f"{dist}.css")),
        STATIC / f"{name}.js": rebranded_js(text(govuk, f"{dist}.js")),
        STATIC / "LICENSES" / "govuk-frontend.txt": MIT,
        AXE / f"axe-{AXE_CORE.version}.min.js": text(axe, "axe.min.js"),
        AXE / "LICENSE": text(axe, "LICENSE"),
    }


def main() -> None:
    """Write the files, or compare them when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    stale = []
    for path, content in wanted().items():
        if path.exists() and path.read_text() == content:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    print("\n".join(f"{'differs' if check else 'written'}: {name}" for name in stale) or "equal")
    sys.exit(1 if check and stale else 0)


if __name__ == "__main__":
    main()
