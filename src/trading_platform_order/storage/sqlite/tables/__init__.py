"""The store's tables, one module for each family of rows."""
