"""What the contract's values are made of, and the events: used by commands and mapping alike."""
