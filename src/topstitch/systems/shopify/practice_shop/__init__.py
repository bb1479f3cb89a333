"""The parts of the practice server: GraphQL, search, the invented shop, its answers and its mutations."""
