"""What replays of published figures share: where marks go in, their schools, and comparing."""
