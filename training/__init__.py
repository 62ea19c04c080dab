"""How the shipped reader model is made."""
