"""Who works here: employees, their groups, their preferences, and signing in."""
