"""Making a service: the wizard of six steps, and the clone of one that there is."""
