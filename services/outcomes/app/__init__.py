"""The outcomes service's composition root."""

from services.outcomes.app.assembly import assemble, build

__all__ = ["assemble", "build"]
