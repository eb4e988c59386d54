"""Names for the ids that purchases carry: schools, categories and, for those who may, children."""

from __future__ import annotations

from datetime import date

from localresponse.fund.v1 import purchase_types_pb2, purchases_service_pb2
from localresponse.outcomes.v1 import children_service_pb2, schools_service_pb2

from gateway.pages.services import PAGE_SIZE, ask, everything
from gateway.pages.site import Site
from gateway.pages.visit import ASKERS, Visit
from gateway.pages.vocabulary import child_reference
from gateway.refusals import Refusal
from services.chassis.wire import date_to_proto

Child = children_service_pb2.Child


async def categories(site: Site, visit: Visit) -> dict[str, str]:
    """Return the authority's purchase categories in its own order: id to name."""
    answer = await ask(
        visit,
        site.services.purchases.ListCategories,
        purchases_service_pb2.ListCategoriesRequest(),
    )
    return {category.id: category.name for category in answer.categories}


async def schools(site: Site, visit: Visit) -> dict[str, str]:
    """Return the authority's schools, URN to name; empty when they cannot be read now.

    A page about money is still worth showing with URNs in place of names.
    """

    async def turn(token: str) -> tuple[list[schools_service_pb2.School], str]:
        answer = await ask(
            visit,
            site.services.schools.ListSchools,
            schools_service_pb2.ListSchoolsRequest(page_size=PAGE_SIZE, page_token=token),
        )
        return list(answer.schools), answer.next_page_token

    try:
        return {school.urn: school.name for school in await everything(turn)}
    except Refusal:
        return {}


async def children(site: Site, visit: Visit, urn: str, today: date) -> list[Child]:
    """Return the children on a school's roll today, by surname."""

    async def turn(token: str) -> tuple[list[Child], str]:
        answer = await ask(
            visit,
            site.services.children.ListChildren,
            children_service_pb2.ListChildrenRequest(
                urn=urn, on_date=date_to_proto(today), page_size=PAGE_SIZE, page_token=token
            ),
        )
        return list(answer.children), answer.next_page_token

    found = await everything(turn, most=3000)
    return sorted(found, key=lambda child: (child.surname, child.forename, child.id))


def child_name(child: Child) -> str:
    """Return a child's name and year as a school knows them."""
    name = f"{child.forename} {child.surname}".strip() or child.mis_id or child.id[-6:]
    if not child.HasField("year_group"):
        return name
    year = "Reception" if child.year_group == 0 else f"year {child.year_group}"
    return f"{name}, {year}"


async def named(site: Site, visit: Visit, purchase: purchase_types_pb2.Purchase) -> list[str]:
    """Return the children of a request: names for the school's own people, else references."""
    if not visit.is_one_of(ASKERS):
        return [child_reference(child) for child in purchase.child_ids]
    return [await _known(site, visit, child) for child in purchase.child_ids]


async def _known(site: Site, visit: Visit, child_id: str) -> str:
    request = children_service_pb2.GetChildRequest(child_id=child_id)
    try:
        return child_name(await ask(visit, site.services.children.GetChild, request))
    except Refusal:
        # The child may have moved on: the request stays readable, the name does not.
        return child_reference(child_id)
