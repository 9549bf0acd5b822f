"""What watches limits and positions and stops or closes."""
