"""WooCommerce: the WordPress shop, over its REST API wc/v3."""
