"""What spot purchases are for: the list that an authority starts with.

Source: DESIGN section 6, spot purchase; an authority may keep its own list.
"""

from __future__ import annotations

from services.fund.errors import CategoryUnknown

DEFAULT_CATEGORIES: dict[str, str] = {
    "travel": "Travel",
    "uniform": "Uniform and clothing",
    "food": "Food",
    "equipment": "Equipment and technology",
    "home_essentials": "Home essentials",
    "mentoring": "Mentoring",
    "counselling": "Counselling and therapy",
    "tutoring": "Tutoring",
    "activities": "Activities and clubs",
    "family_support": "Family support",
    "other": "Other",
}
"""Id -> name for people, in the order that forms show."""


def known_category(category: str, *, field: str = "category") -> str:
    """Return the category.

    Raises:
        CategoryUnknown: It is not on the list (INVALID_ARGUMENT).
    """
    if category not in DEFAULT_CATEGORIES:
        raise CategoryUnknown(
            f"{field}: there is no category {category}", field=field, category=category
        )
    return category
