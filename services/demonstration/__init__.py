"""The demonstration authority: fictional schools and children, built through the public API.

Nobody here is real. Absence follows the Department for Education's published bands, and terms
follow a real authority's calendar. What it needs of a service it asks for over gRPC or REST,
like any client, so building it is also a test.
"""
