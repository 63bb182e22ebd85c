//! email.
