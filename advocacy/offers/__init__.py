"""Posts made of approved items, and whom they are offered to."""
