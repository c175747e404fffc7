"""The part of a worker that hears the broker, where Celery's own would not outlive its loss."""

from celery.worker import state
from celery.worker.consumer import Consumer as CeleryConsumer


class Consumer(CeleryConsumer):  # type: ignore[misc]
    """Celery's, which with a job at hand would end itself, and the job, where it loses Redis (Celery 5.7)."""

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Close what is left of the connection, to make another."""
        # Messages can be acknowledged or given back by the connection alone that brought them; to try it on a
        # closed one is what raises. If Redis still has them, they come again, and find their tasks done.
        if self.task_consumer:
            self.task_consumer.channel.do_restore = False
        for request in state.requests.values():
            request.acknowledged = True
        super().on_connection_error_after_connected(exc)
