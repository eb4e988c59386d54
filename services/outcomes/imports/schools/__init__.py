"""Schools from published files: the DfE's register of schools, and GIAS with its links.

Source of the number ranges: DfE, establishment numbers; GIAS, establishment fields.
"""

from services.outcomes.imports.schools.files import SchoolsUnreadable, read_links, read_schools

__all__ = ["SchoolsUnreadable", "read_links", "read_schools"]
