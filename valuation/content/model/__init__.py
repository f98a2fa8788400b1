"""The fitted content model: evidence pooled by research group, stored with a card."""
