"""Shopify and Shopify Plus."""
