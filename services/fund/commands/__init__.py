"""One function for each write: load, decide in the domain, save, announce. It never commits."""
