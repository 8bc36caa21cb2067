"""Discord: native commands, components, digests that survive lost answers."""
