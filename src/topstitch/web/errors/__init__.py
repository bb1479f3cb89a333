"""The error desk: causes, their records, and what people decide about them."""
