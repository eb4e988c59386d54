"""Where the bytes of attachments are kept: outside the database, behind two methods."""

from services.fund.storage.papers.keeping import Papers, papers_at

__all__ = ["Papers", "papers_at"]
