"""The elements that screens are made of, as functions that return HTML. The pattern page shows each in every state."""
