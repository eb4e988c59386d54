"""Tables and repositories: the only modules of the fund that know SQL."""
