"""From what was noticed to what people get: notices, messages in words, and sending them."""
