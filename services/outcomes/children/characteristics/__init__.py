"""What is true of a child from a day on, why it is kept, and when it became known."""
