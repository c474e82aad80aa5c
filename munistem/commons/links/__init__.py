"""Pages outside the portal, looked at by the worker only: public addresses only, within limits of time and size."""
