"""Work that no request waits for: by Celery where there is a Redis, else in a thread of the process."""
