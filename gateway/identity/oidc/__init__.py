"""Sign-in by the council's own identity provider: OpenID Connect, code flow with PKCE."""
