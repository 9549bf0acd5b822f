"""Whether each exchange takes orders just now: asked, remembered, and told to operators."""
