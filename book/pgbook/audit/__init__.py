"""Is my update the gradient? Any policy-gradient loss, on every batch that can happen.

```python
from pgbook.audit import audit

def my_loss(batch):
    returns = (batch.rewards * batch.mask).sum(1, keepdim=True)
    return -(batch.log_prob * (returns - returns.mean()) * batch.mask).sum() / batch.mask.sum()

print(audit(my_loss))
```
"""

from pgbook.audit.auditor import assert_unbiased, audit
from pgbook.audit.batch import Batch
from pgbook.audit.classes import by_class
from pgbook.audit.recorded import audit_recorded, record
from pgbook.audit.report import Report

__all__ = ["Batch", "Report", "assert_unbiased", "audit", "audit_recorded", "by_class", "record"]
