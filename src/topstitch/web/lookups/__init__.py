"""Lookup tables, and the shipment and payment maps of company groups, which are such tables."""
