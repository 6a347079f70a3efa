"""The database engine: PostgreSQL with connections that are kept between requests."""
