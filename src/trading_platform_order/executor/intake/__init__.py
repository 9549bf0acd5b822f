"""A signal's way in: claimed, queued by symbol, admitted."""
