"""Where episodes are kept: `tables`, `versions` as text, `rows` to read and write."""
