"""A practitioner asks for a spot purchase: one question a page, answers kept on the server."""
