"""Every table of the outcomes database, gathered from the packages that keep them."""

from __future__ import annotations

from services.outcomes.agreements.storage import DOWNLOAD
from services.outcomes.analysis import storage as analysis
from services.outcomes.child_events.storage import CHILD_EVENT
from services.outcomes.children.characteristics.storage import CHARACTERISTIC
from services.outcomes.children.enrolments import ENROLMENT
from services.outcomes.children.erased import CHILD_ERASED
from services.outcomes.children.matching.storage import MATCH_CASE
from services.outcomes.children.merged import CHILD_MERGE, CHILD_UNMERGE
from services.outcomes.children.storage import CHILD_SEALED
from services.outcomes.cohorts import storage as cohorts
from services.outcomes.cohorts.pools import storage as pools
from services.outcomes.episodes.storage import tables as episodes
from services.outcomes.feeds import tables as feeds
from services.outcomes.feeds.nodes import FEED_NODE
from services.outcomes.feeds.segments import FEED_SEGMENT
from services.outcomes.measures.catalogue.storage import CATALOGUE_VERSION
from services.outcomes.measures.observations.storage import OBSERVATION
from services.outcomes.measures.providers.storage import MEASURE_MAPPING, PROVIDER_FIGURE
from services.outcomes.reference.storage import CALENDAR_SPAN
from services.outcomes.reference.versions import SCHOOL_VERSION
from services.outcomes.register.storage import REGISTER_CHANGE, REGISTER_IMPORT
from services.outcomes.releases.storage import RELEASE_GROUP, RELEASE_TABLE
from services.outcomes.series.storage import PUBLISHED_WEEK, SERIES_ANALYSIS
from services.outcomes.storage.metadata import metadata
from services.outcomes.support.storage import UNFUNDED_SUPPORT
from services.outcomes.thresholds.storage import ABSENCE_SCHOOL

INSERT_ONLY = (
    ABSENCE_SCHOOL,
    CALENDAR_SPAN,
    CATALOGUE_VERSION,
    cohorts.COHORT_RULE,
    cohorts.COHORT_FREEZE,
    cohorts.COHORT_CHANGE,
    pools.COMPARISON_POOL,
    pools.POOL_CHILD,
    OBSERVATION,
    PROVIDER_FIGURE,
    MEASURE_MAPPING,
    CHARACTERISTIC,
    CHILD_ERASED,
    CHILD_EVENT,
    CHILD_MERGE,
    CHILD_SEALED,
    CHILD_UNMERGE,
    ENROLMENT,
    MATCH_CASE,
    REGISTER_CHANGE,
    REGISTER_IMPORT,
    episodes.FUND_FACT,
    episodes.EPISODE_VERSION,
    episodes.APPROVAL_SNAPSHOT,
    episodes.EPISODE_WINDOW_CLOSED,
    analysis.ANALYSIS_RESULT,
    analysis.ANALYSIS_MEMBER,
    PUBLISHED_WEEK,
    SERIES_ANALYSIS,
    DOWNLOAD,
    feeds.FEED_ITEM,
    feeds.FEED_CHECKPOINT,
    feeds.FEED_ERASED,
    FEED_NODE,
    FEED_SEGMENT,
    RELEASE_TABLE,
    SCHOOL_VERSION,
    RELEASE_GROUP,
    UNFUNDED_SUPPORT,
)
"""Facts that are superseded by new rows and never changed; triggers hold it."""

__all__ = ["INSERT_ONLY", "metadata"]
