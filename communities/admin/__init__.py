from communities.admin import applications as applications
from communities.admin import communities as communities
from communities.admin import proposals as proposals
