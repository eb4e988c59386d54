"""Two children found to be one are merged, with history, and parted again exactly."""
