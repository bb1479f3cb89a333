"""The door for calls of webhooks."""
