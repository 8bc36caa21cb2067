"""The schema's history. Each file of `versions/` is one step; `storage.database` runs what is missing."""
