"""Files of marks on their way in, several of them at once, and the rows that were refused."""
