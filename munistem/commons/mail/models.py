from django.db import models
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    """What became of a letter. One that was being handed over when its worker died is doubtful: it may have arrived."""

    WAITING = "waiting"
    HANDING = "handing", "being handed over"
    SENT = "sent"
    FAILED = "failed", "failed, to be tried again"
    REFUSED = "refused", "refused for good"
    DOUBTFUL = "doubtful", "doubtful: may have been sent"


class OutgoingMail(models.Model):
    """A letter waiting for the worker; written in the transaction of the deed that caused it."""

    key = models.TextField(
        unique=True, null=True, blank=True, help_text="event and person, or whatever makes it one"
    )
    recipients = models.TextField(_("Recipients"))
    subject = models.TextField(_("Subject line"))
    message = models.BinaryField(help_text="the whole message as RFC 5322 bytes")
    state = models.TextField(_("State"), choices=MailState, default=MailState.WAITING)
    error = models.TextField(_("What went wrong"), blank=True)
    tries = models.PositiveIntegerField(default=0)
    queued_at = models.DateTimeField(_("Queued on"), auto_now_add=True)
    begun_at = models.DateTimeField(null=True, blank=True, help_text="when it was last handed over")
    sent_at = models.DateTimeField(_("Sent on"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter that went out")
        verbose_name_plural = _("letters that went out")
        indexes = [models.Index(fields=["state", "queued_at"], name="outgoing_mail_by_state")]

    def __str__(self):
        return self.subject


class Bounce(models.Model):
    """An address from which mail came back for good; notices pause until its person asks for them again."""

    address = models.EmailField(_("E-mail address"), unique=True, help_text=_("in small letters"))
    reason = models.TextField(_("Reason"), blank=True)
    happened_at = models.DateTimeField(_("Last time"), auto_now=True)

    class Meta:
        verbose_name = _("address that mail comes back from")
        verbose_name_plural = _("addresses that mail comes back from")

    def __str__(self):
        return self.address
