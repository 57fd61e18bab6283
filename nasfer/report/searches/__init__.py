"""What a search leaves: ranked candidates, the front, its picture."""
