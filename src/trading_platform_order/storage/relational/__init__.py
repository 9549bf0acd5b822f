"""The store in a relational database: tables and verbs, in SQLite as in PostgreSQL."""
