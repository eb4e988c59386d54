"""Settings from the environment and from files: frozen, checked before anything starts.

Every setting is `LOCALRESPONSE_<NAME>`. A secret is never in the environment itself, only in a
file that its owner alone can read, named by `LOCALRESPONSE_<NAME>_FILE`.
"""

from services.chassis.settings.loading import load
from services.chassis.settings.model import SERVICES, Settings, is_loopback
from services.chassis.settings.secret_files import PREFIX

__all__ = ["PREFIX", "SERVICES", "Settings", "is_loopback", "load"]
