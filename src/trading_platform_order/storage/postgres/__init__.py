"""The store in a schema of a PostgreSQL database, through psycopg 3; no plain engine imports it."""
