"""The rules of money, pure: nothing here knows a database, a message or a network."""
