"""What is held, and what orders under way may add to it, at the newest prices and their ages."""
