"""Celery: thin tasks over the functions in `advocacy`, and their timetable."""
