"""What is wrong, and what is well again: ends of runs, checks of connectors, and what did not happen in time."""
