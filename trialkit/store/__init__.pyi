from trialkit.store.audit_chain import (
    AuditStamp as AuditStamp,
)
from trialkit.store.engine import (
    Reader as Reader,
    Store as Store,
)
from trialkit.store.errors import (
    AuditError as AuditError,
    StoreError as StoreError,
)
from trialkit.store.ledger import (
    Transaction as Transaction,
    transaction as transaction,
)
