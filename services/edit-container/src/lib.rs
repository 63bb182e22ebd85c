//! edit-container.
