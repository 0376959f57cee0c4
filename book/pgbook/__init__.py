"""The library behind *Policy Gradients, Line by Line*.

Import from the modules: `mdp`, `policies`, `mlp`, `weights`, `rollout`, `trainer`, `ledger`,
`plots`, `explorables`, `audit`. Nothing is re-exported here, so that importing one does not load
another.
"""
