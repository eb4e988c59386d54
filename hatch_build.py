"""Build hook: protos/**/*.proto becomes protos/gen/, so nobody commits or forgets generated code.

`make protos` calls the same function by hand.
"""

from __future__ import annotations

import shutil
import sys
from importlib import resources
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
GENERATED = ROOT / "protos" / "gen"
CLIENT = ROOT / "client"


def generate() -> None:
    """Write modules, stubs and one descriptor image (`localresponse/descriptors.binpb`).

    Raises:
        SystemExit: protoc refused a file; its own message says which line.
    """
    from grpc_tools import protoc

    fresh = GENERATED.with_name("gen.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "localresponse").mkdir(parents=True)
    includes = [
        str(ROOT / "protos"),
        str(ROOT / "third_party" / "proto"),
        str(resources.files("grpc_tools") / "_proto"),
        _googleapis(),
    ]
    ours = sorted(str(path) for path in (ROOT / "protos" / "localresponse").rglob("*.proto"))
    third = sorted(str(path) for path in (ROOT / "third_party" / "proto").rglob("*.proto"))
    outcome = protoc.main(
        [
            "protoc",
            *(f"-I{path}" for path in includes),
            f"--python_out={fresh}",
            f"--mypy_out=quiet:{fresh}",
            f"--plugin=protoc-gen-mypy={_plugin('protoc-gen-mypy')}",
            f"--grpc_python_out={fresh}",
            f"--mypy_grpc_out=quiet:{fresh}",
            f"--plugin=protoc-gen-mypy_grpc={_plugin('protoc-gen-mypy_grpc')}",
            f"--descriptor_set_out={fresh / 'localresponse' / 'descriptors.binpb'}",
            "--include_imports",
            "--include_source_info",
            *ours,
            *third,
        ]
    )
    if outcome != 0:
        sys.exit(outcome)
    for folder in [path for path in fresh.rglob("*") if path.is_dir()]:
        (folder / "__init__.py").touch()
        (folder / "py.typed").touch()
    # A link, so that an edit of the client is seen at once; the wheel takes the files themselves.
    (fresh / "localresponse" / "client").symlink_to(CLIENT, target_is_directory=True)
    # Whoever imports from it meanwhile sees the old code or the new, never half of it.
    stale = GENERATED.with_name("gen.stale")
    shutil.rmtree(stale, ignore_errors=True)
    if GENERATED.exists():
        GENERATED.rename(stale)
    fresh.rename(GENERATED)
    shutil.rmtree(stale, ignore_errors=True)


def _googleapis() -> str:
    import google.rpc

    return str(Path(next(iter(google.rpc.__path__))).parent.parent)


def _plugin(name: str) -> str:
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        sys.exit(f"{name} is not installed: `pip install mypy-protobuf`")
    return found


class ProtobufBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before a wheel or an editable install is made."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Generate once for each build; the wheel takes the result by force-include."""
        generate()
        if version == "standard":
            for package in ("localresponse", "buf"):
                build_data["force_include"][str(GENERATED / package)] = package


if __name__ == "__main__":
    generate()
