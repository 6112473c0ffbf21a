/// What is computed from the journal: figures, reconciliation, archives.
