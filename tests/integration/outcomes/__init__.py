"""What the REST paths answer, each in a situation that is made for it."""
