"""What is asked for: a user's texts become one value, once, at the door."""
