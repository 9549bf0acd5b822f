"""Keeps live markets in files: books, prints, funding and rates, by public streams alone."""
