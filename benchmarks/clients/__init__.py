"""Everything that sends pairs of orders: our engine, its adapters alone, floors and peers."""
