"""The lexical index: tantivy, a derived index in a folder of its own."""
