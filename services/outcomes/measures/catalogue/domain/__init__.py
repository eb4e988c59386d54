"""What a catalogue holds, and what can be held in it."""
