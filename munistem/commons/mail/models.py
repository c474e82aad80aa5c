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


class IncomingState(models.TextChoices):
    """What became of a mail that came in."""

    WAITING = "waiting"
    TAKEN = "taken"
    RETURNED = "returned", "sent back with the reason"
    REFUSED = "refused", "refused, its sender being unknown"
    IGNORED = "ignored", "ignored: written by a machine"
    FAILED = "failed", "failed, to be tried again"


class IncomingMail(models.Model):
    """A mail at one of the portal's addresses; its text is forgotten as soon as something became of it."""

    key = models.TextField(
        unique=True, help_text="of message, sender and address: delivered twice, it is one"
    )
    address = models.TextField(_("Address"))
    sender = models.TextField(_("Sender"), blank=True)
    envelope_sender = models.TextField(blank=True)
    message = models.BinaryField(help_text="as it came; empty once it is dealt with")
    state = models.TextField(_("State"), choices=IncomingState, default=IncomingState.WAITING)
    reason = models.TextField(_("What went wrong"), blank=True)
    what = models.TextField(blank=True, help_text="room.model:key of what was made of it")
    tries = models.PositiveIntegerField(default=0)
    came_at = models.DateTimeField(_("Came on"), auto_now_add=True)
    dealt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail that came in")
        verbose_name_plural = _("mails that came in")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=IncomingState.values), name="incoming_mail_state_is_known"
            )
        ]
        indexes = [models.Index(fields=["state", "came_at"], name="incoming_mail_by_state")]

    def __str__(self):
        return f"{self.sender} → {self.address}"
