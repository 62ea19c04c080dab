"""The errors that only a service has; they hang in the tree of `retriever.errors`, under `ServiceError`.

ServiceError
├── Overloaded              as many requests or uploads wait as the service holds
└── Interrupted             the service stopped before a job had ended
"""

from retriever.errors import ServiceError


class Overloaded(ServiceError):
    """As many requests or uploads wait as the service holds."""


class Interrupted(ServiceError):
    """The service stopped before the job had ended."""
