"""Every element in every state."""
