import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase

from munistem.commons.enums import Language
from munistem.commons.files.models import StoredFile
from munistem.commons.ready import NOBODY
from munistem.commons.search.completion import words_index
from munistem.commons.search.models import Searchable, SearchableQuerySet
from munistem.commons.terms.models import Term

if TYPE_CHECKING:
    from members.models.organisation import Organisation


class PersonTerm(ItemBase):
    """A topic a person cares for."""

    content_object = models.ForeignKey("members.User", models.CASCADE, related_name="person_terms")
    tag = models.ForeignKey(Term, models.PROTECT, related_name="person_terms")


class PersonQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        """People of the network see each other; a person outside it sees only themself."""
        if not user.is_authenticated:
            return self.none()
        if user.is_in_network:
            return self.in_directory() if not user.is_staff else self
        return self.filter(pk=user.pk)

    def in_directory(self):
        """Active people with a name who act for an organisation or serve the network."""
        from members.models.organisation import Representative

        acting = Representative.objects.active().values("person")
        return self.named().filter(
            models.Q(pk__in=acting) | models.Q(is_staff=True) | models.Q(is_knowledge_manager=True)
        )

    def leaving_before(self, user):
        """Who has asked to leave and may still come back, before the eyes of the network."""
        from members.models.account import Departure

        if not (user.is_authenticated and user.is_in_network):
            return self.none()
        return self.filter(is_active=False, pk__in=Departure.objects.open().values("person")).exclude(name="")

    def listed_to(self, user):
        """``visible_to`` in the directory, asked of each person apart: for lists by name, which stop after a page of them.

        Elsewhere all who act for somebody are read at once, which is quicker where many are asked.
        """
        from members.models.organisation import Representative

        if not user.is_authenticated or not user.is_in_network:
            return self.none()
        acting = Representative.objects.active().filter(person=models.OuterRef("pk"))
        return self.named().filter(
            models.Q(is_staff=True)
            | models.Q(is_knowledge_manager=True)
            | models.Q(pk=models.Subquery(acting.values("person")[:1]))
        )

    def named(self):
        """People whose account is open and who told their name."""
        return self.filter(is_active=True).exclude(name="")

    def with_topic(self, slug):
        """People who named a term of the vocabulary as one that concerns them."""
        return self.filter(pk__in=PersonTerm.objects.filter(tag__slug=slug).values("content_object"))

    def by_name(self):
        return self.order_by("name", "pk")


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


class User(Searchable, AbstractBaseUser, PermissionsMixin):
    """A person; signs in by e-mail, acts for organisations through Representative rows."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("E-mail"))
    name = models.TextField(_("Name"), blank=True)
    language = models.TextField(
        _("Language"), choices=Language, default=Language.HE, help_text=_("Of the portal and of our mails.")
    )
    role_title = models.TextField(_("Role"), blank=True)
    about = models.TextField(blank=True)
    ask_me_about = models.TextField(blank=True)
    languages = ArrayField(models.TextField(choices=Language), default=list, blank=True)
    phone = models.TextField(_("Phone"), blank=True)
    is_email_shown = models.BooleanField(default=True, help_text="to people of the network")
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="photo_of")
    is_active = models.BooleanField(_("Account is open"), default=True)
    is_staff = models.BooleanField(_("Network admin"), default=False)
    is_knowledge_manager = models.BooleanField(_("Knowledge manager"), default=False)
    joined_at = models.DateTimeField(_("Account since"), auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    acting_choice = models.ForeignKey(
        "members.Organisation",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="chosen_by",
        help_text="for which of several organisations the person acts at present",
    )

    topics = TaggableManager(through=PersonTerm, blank=True, related_name="people")

    objects = PersonManager()  # type: ignore[misc]

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_per_address"),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="person_language_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["name", "id"],
                include=["is_staff", "is_knowledge_manager"],
                condition=models.Q(is_active=True) & ~models.Q(name=""),
                name="person_by_name",
            ),
            Searchable.search_index("person_search"),
            words_index("person_words"),
        ]

    def __str__(self):
        return self.name or self.email

    def get_absolute_url(self):
        return reverse("show_person", args=[self.uuid])

    def get_full_name(self) -> str:
        return self.name

    @cached_property
    def mandates(self) -> list:
        """The active Representative rows of this person with their organisations, read once a request."""
        from members.models.organisation import mandates_of

        return mandates_of(NOBODY, self.pk)

    @staticmethod
    def read_mandates(people: "Iterable[User]") -> None:
        """Let ``mandates`` ask nothing more for any of these people."""
        from members.models.organisation import Representative

        known: dict[int, list] = {person.pk: [] for person in people}
        rows = Representative.objects.active().filter(person__in=known).select_related("organisation")
        for row in rows.defer("organisation__search_vector", "organisation__search_title").order_by("pk"):
            known[row.person_id].append(row)
        for person in people:
            person.__dict__["mandates"] = known[person.pk]

    @property
    def acting_for(self) -> "Organisation | None":
        """The organisation the person acts for at present: the chosen one of several, else the first."""
        organisations = [mandate.organisation for mandate in self.mandates]
        chosen = (one for one in organisations if one.pk == self.acting_choice_id)
        return next(chosen, organisations[0] if organisations else None)

    @property
    def is_in_network(self) -> bool:
        """Whether the person takes part: acts for a member organisation or serves the network."""
        return self.is_active and (self.is_staff or self.is_knowledge_manager or bool(self.mandates))

    @property
    def photo_url(self) -> str:
        return reverse("serve_photo", args=[self.uuid]) if self.photo_id else ""

    def search_heading(self) -> str:
        return self.name

    def search_texts(self):
        mandates = [(f"{m.role} {m.organisation.all_names}", "B") for m in self.mandates]
        return [
            (self.name, "A"),
            (self.role_title, "B"),
            *mandates,
            (self.ask_me_about, "B"),
            (self.about, "C"),
        ]
