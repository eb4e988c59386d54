"""Children: their own random id, sealed identifiers and names, and their time on each roll."""
