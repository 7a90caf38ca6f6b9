"""Swiftlet jobs as Airflow tasks."""
