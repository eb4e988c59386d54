"""The services in memory, behind the real contract, checks and wire: for tests of pages alone."""
