"""An authority's published weeks beside its statistical neighbours': an interrupted series.

It says whether the whole authority moved, which the children of a fund seldom make visible; it
holds counts of whole authorities and nothing about a child.
"""
