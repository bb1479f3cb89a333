"""What is remembered: models, named writes (actions), named reads (queries), secrets, and the engine's ports."""
