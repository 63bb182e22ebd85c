//! hermes.
