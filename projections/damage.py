"""Whether a task's record can be read and continued, as it is in the store now. Repairs nothing.

A view shows what was folded in the past; only the record shows what has become of it since. It need not be folded
again if its chain leads, event by event, to the head that the view was folded up to.
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
    """What is wrong with the records of `tasks`, by task; intact ones, and names that are not tasks, are left out.

    A quarantined task whose record is intact again, because its data was restored, is released. Raises StoreError.
    """
    existing = set(store.tasks())
    held = {quarantined.task for quarantined in views.quarantined(VIEW)}
    folded = views.folded(VIEW, tasks)
    found = {
        task: _damage(store, task, None if task in held else folded.get(task)) for task in tasks if task in existing
    }
    if any(wrong is None and task in held for task, wrong in found.items()):
        for name in views.names:
            views.rebuild(name)
    return {task: wrong for task, wrong in found.items() if wrong is not None}


def _damage(store: EventStore, task: str, folded: Head | None) -> Quarantined | None:
    last = Head()
    try:
        left = store.head(task)  # read first, so that appends in the meantime only make the record longer
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
    except UsageError as error:  # not a possible name of a stream
        return Quarantined(task, 0, error.what)
    if not last.version:
        return Quarantined(task, 0, "nothing is recorded of it")
    if last.version < left.version:
        what = f"it ends at version {last.version}, and {left.version} events were recorded"
        return Quarantined(task, last.version + 1, what)
    return None if found else Quarantined(task, left.version, "another event stands where it was left")
