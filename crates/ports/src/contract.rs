//! The suites that every adapter passes: what the ports promise, as tests.
