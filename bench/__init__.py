"""Our rates as ratios to references measured in the same run; nothing here asserts."""
