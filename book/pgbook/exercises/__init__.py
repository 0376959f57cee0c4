"""Exercises that answer: hand in what you wrote, and hear what it does instead.

```python
from pgbook.exercises import hint, solution, try_it

try_it("8.4", my_function)
hint("8.4")
solution("8.4")
```

It is run on inputs that you have not seen, beside a right answer that was found by another route. A
slip that is known gets its name, and the line that mends it.
"""

from pgbook.exercises.judging import try_it
from pgbook.exercises.solutions import hint, solution
from pgbook.exercises.verdict import Verdict

__all__ = ["Verdict", "hint", "solution", "try_it"]
