"""What is held of people, and forgetting it."""
