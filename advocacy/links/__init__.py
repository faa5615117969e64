"""Share links: shares that make them, the door that answers them, hits they get."""
