"""Language models: an answer is a trajectory, a token is an action.

`listing` has the model whose answers can be listed, `groups` the weights that K answers of one
prompt give one another; `transformer` is a small network that writes answers, `tasks` what it is
asked, `trainer` how it learns.
"""
