"""The demo: a small retailer whose systems are practice servers, with services between them that have run."""
