-- Run once per account. All other statements run in this database.
CREATE SCHEMA IF NOT EXISTS swiftlet
