"""The portal for servers that speak ASGI, to be measured; it is not served so."""

from django.core.asgi import get_asgi_application

application = get_asgi_application()
