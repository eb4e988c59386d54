"""Web pages for people: server-rendered, complete without a script, one module per journey."""
