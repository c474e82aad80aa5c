from communities.admin import communities as communities
