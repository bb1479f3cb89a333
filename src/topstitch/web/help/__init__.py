"""Help: words, places, keys; diagnostics to copy; the pages for what is not there or broke."""
