"""People, organisations and the register in the admin; every change goes through the actions."""

from members.admin import account as account
from members.admin import organisations as organisations
from members.admin import people as people
from members.admin import register as register
from members.admin import role as role
