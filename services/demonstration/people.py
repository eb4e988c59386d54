"""Who plays in the demonstration: fictional staff of two fictional councils."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.auth import Principal

FIRST_COUNCIL = "E99000001"
SECOND_COUNCIL = "E99000002"
COUNCILS = {FIRST_COUNCIL: "Demonstration Borough", SECOND_COUNCIL: "Second Demonstration District"}


@dataclass(frozen=True, slots=True)
class Persona:
    """One member of staff that a visitor can be.

    Attributes:
        subject: The opaque id in tokens and ledgers.
        name: A fictional name, shown on the page where a visitor chooses.
        role: The one active role.
        tenant: The council's code.
        schools: URNs that the person works for.
        job: What the person does, in a few words.
    """

    subject: str
    name: str
    role: str
    tenant: str
    job: str
    schools: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name, with the job where the role does not say it already."""
        said = self.role.replace("_", " ")
        return self.name if self.job == said else f"{self.name}, {self.job}"

    @property
    def principal(self) -> Principal:
        """The persona as a caller."""
        return Principal(self.tenant, self.subject, self.role, frozenset(self.schools))


def cast(tenant: str, schools: tuple[str, ...]) -> dict[str, Persona]:
    """Return a council's staff by part.

    Args:
        tenant: The council's code.
        schools: URNs: the first two have a practitioner each, all have the liaison officer.
    """
    number = tenant[-1]

    def person(part: str, name: str, *, role: str, job: str, own: tuple[str, ...] = ()) -> Persona:
        return Persona(f"{part}-{number}", name, role, tenant, job, own)

    people = [
        person(
            "practitioner",
            "Priya Shah",
            role="practitioner",
            job="pastoral lead, Northgate Academy",
            own=schools[:1],
        ),
        person(
            "practitioner-two",
            "Tom Okafor",
            role="practitioner",
            job="inclusion lead, Millbrook School",
            own=schools[1:2],
        ),
        person(
            "liaison",
            "Carys Evans",
            role="liaison_officer",
            job="school liaison officer, all clusters",
            own=schools,
        ),
        person("officer", "Ruth Mensah", role="finance_officer", job="finance officer"),
        person("officer-two", "Daniel Wood", role="finance_officer", job="second finance officer"),
        person("payments", "Jo Marsh", role="finance_officer", job="payments officer"),
        person("manager", "Amina Yusuf", role="programme_manager", job="programme manager"),
        person("evaluator", "Ewan Reid", role="evaluator", job="independent evaluator"),
        person("administrator", "Lin Chen", role="administrator", job="administrator"),
        person(
            "governance",
            "Grace Hall",
            role="information_governance",
            job="information governance lead",
        ),
        person("auditor", "Piotr Nowak", role="auditor", job="internal auditor"),
    ]
    return {persona.subject.rsplit("-", 1)[0]: persona for persona in people}
