//! What a journal keeps of a verification: the times before the scan, and the verdicts.
