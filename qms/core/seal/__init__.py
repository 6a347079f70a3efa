"""The seal: the trail as a signed Merkle log, kept, checked, and shown to people who need not trust us."""
