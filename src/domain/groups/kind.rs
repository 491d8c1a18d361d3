//! Kind: what each group type permits, as a table that can be read beside the documentation.
