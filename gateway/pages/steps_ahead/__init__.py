"""What can be done to a request: who is offered it, when, and how its form is read."""
