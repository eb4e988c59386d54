"""What stands before every rpc: who calls, may they, is it valid; and how each answer ends.

It wraps a servicer's methods when they are registered, which costs a third of what a grpc.aio
interceptor does. Order of refusal: token, action, fields; the handler has the rest.
"""

from services.chassis.calls.guard import AuditTrail, DatabaseTrail, Guard
from services.chassis.calls.wrapping import handler_of

__all__ = ["AuditTrail", "DatabaseTrail", "Guard", "handler_of"]
