"""The weekly e-mail: one good letter per person, once."""
