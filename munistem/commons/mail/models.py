from django.db import models


class MailState(models.TextChoices):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class OutgoingMail(models.Model):
    """A letter waiting for the worker; written in the transaction of the deed that caused it."""

    recipients = models.TextField()
    subject = models.TextField()
    message = models.BinaryField(help_text="the whole message as RFC 5322 bytes")
    state = models.TextField(choices=MailState, default=MailState.WAITING)
    error = models.TextField(blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "queued_at"], name="outgoing_mail_by_state")]

    def __str__(self):
        return self.subject
