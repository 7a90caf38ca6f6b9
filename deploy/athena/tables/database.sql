-- Once an account. Every other statement runs in this database.
CREATE SCHEMA IF NOT EXISTS swiftlet
