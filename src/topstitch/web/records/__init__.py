"""One record across all services, and what is done to records that were chosen on a screen."""
