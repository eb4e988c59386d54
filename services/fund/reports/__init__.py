"""Reports and exports: each reads one snapshot and yields its rows as they come."""
