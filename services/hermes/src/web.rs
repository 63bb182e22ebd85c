//! The app host: chat pages, the API, sign-in, sent mail, health.
