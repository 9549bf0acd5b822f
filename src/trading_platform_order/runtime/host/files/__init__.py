"""Files of ours on this machine, and who else may read or write them."""
