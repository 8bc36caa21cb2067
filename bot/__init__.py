"""Paperboy's core: papers, topics, channels, digests and commands. No SDK, no SQL and no HTTP in here."""
