"""Pages, a module per place in the navigation."""
