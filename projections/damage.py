"""Whether a task's record can be read and built on, looked at as it lies in the store now. Mends nothing.

A view tells what was folded once; what became of the record since, only the record tells. It need not be folded again
where its chain leads, event by event, to the very head that the view was folded up to.
"""

from __future__ import annotations

from conductor.envelope import Head
from conductor.errors import CorruptLog, UsageError
from conductor.log.store import EventStore
from projections.engine import Engine, Quarantined
from projections.tasks import Tasks
from projections.view import Unfoldable, build

VIEW = Tasks.name


def damaged(store: EventStore, views: Engine, *tasks: str) -> dict[str, Quarantined]:
    """What is wrong with the records of `tasks`, by task; sound ones, and what is no task, are left out.

    A task in quarantine whose record is sound again, as its data was brought back, leaves it. Raises StoreError.
    """
    begun = set(store.tasks())
    held = {quarantined.task for quarantined in views.quarantined(VIEW)}
    folded = views.folded(VIEW, tasks)
    looked = {task: _damage(store, task, None if task in held else folded.get(task)) for task in tasks if task in begun}
    if any(wrong is None and task in held for task, wrong in looked.items()):
        for name in views.names:
            views.rebuild(name)
    return {task: wrong for task, wrong in looked.items() if wrong is not None}


def _damage(store: EventStore, task: str, folded: Head | None) -> Quarantined | None:
    last = Head()
    try:
        left = store.head(task)  # asked first: what is appended meanwhile only makes the record longer
        found = left == last
        for event in store.walk(task):
            last = Head(event.version, event.head)
            found = found or last == left
        if last != folded:
            build(Tasks(), task, store.walk(task))
        if last.version > left.version and store.head(task).version < last.version:
            return Quarantined(task, left.version + 1, f"it goes on after version {left.version}, where it was left")
    except CorruptLog as error:
        return Quarantined(task, last.version + 1 if last.version else 0, error.reason)
    except Unfoldable as error:
        return Quarantined(task, error.version, error.error)
    except UsageError as error:  # no stream can be called so
        return Quarantined(task, 0, error.what)
    if not last.version:
        return Quarantined(task, 0, "nothing is recorded of it")
    if last.version < left.version:
        what = f"it ends at version {last.version}, and {left.version} events were recorded"
        return Quarantined(task, last.version + 1, what)
    return None if found else Quarantined(task, left.version, "another event stands where it was left")
