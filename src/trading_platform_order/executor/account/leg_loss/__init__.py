"""A leg that is gone though no trade of ours took it: noticed, booked, and the other one closed."""
