"""Writes the turns that a program reports into a transcript. It starts nothing and judges nothing."""

from __future__ import annotations

from conductor.agents.contract.turns import Message, Returned, Said
from conductor.agents.runners.claude_code.stream import Answered, Spoke
from conductor.agents.transcript import Transcript
from conductor.events import Usage
from conductor.ids import NO_TREE

UNTOLD = "[the program ended before it reported the result of this call, which may or may not have been made]"


class Journal:
    """Collects the parts of a message until it is known to be complete, and journals results in call order.

    Tools may run before their message is complete: what follows of it then becomes a separate turn.
    """

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._message: Spoke | None = None  # collected so far
        self._answers: dict[str, Answered] = {}
        self._counted: dict[str, Usage] = {}  # by message
        self.usage = Usage()  # of all turns so far

    async def spoke(self, part: Spoke) -> None:
        if self._message is not None and self._message.id != part.id:
            await self._say()
        before = self._message
        self._message = part if before is None else _joined(before, part)

    async def answered(self, answer: Answered) -> None:
        self._answers[answer.call] = answer
        await self._settle()

    async def close(self) -> None:
        """No more messages: journal what is left, and give each call without a result one that says so."""
        await self._say()
        turns = self._transcript.turns
        while turns and not turns[-1].complete:
            await self._hear(Answered(turns[-1].message.calls[len(turns[-1].results)].id, UNTOLD, True))

    @property
    def between_turns(self) -> bool:
        """Whether no call is in progress, as far as reported."""
        turns = self._transcript.turns
        return self._message is None and (not turns or turns[-1].complete)

    async def _settle(self) -> None:
        """Journal what can be journaled in order."""
        while True:
            turns = self._transcript.turns
            if turns and not turns[-1].complete:
                call = turns[-1].message.calls[len(turns[-1].results)]
                if call.id not in self._answers:
                    return
                await self._hear(self._answers.pop(call.id))
            elif self._message is not None and any(call.id in self._answers for call in self._message.calls):
                await self._say()
            else:
                return

    async def _say(self) -> None:
        message, self._message = self._message, None
        if message is None:
            return
        turns = self._transcript.turns
        while turns and not turns[-1].complete:
            call = turns[-1].message.calls[len(turns[-1].results)]
            await self._hear(self._answers.pop(call.id, Answered(call.id, UNTOLD, True)))
        before = self._counted.get(message.id, Usage())
        usage = more(message.usage, before)
        self._counted[message.id] = before + usage
        self.usage += usage
        said = Message(message.text, message.calls, stop=message.error)
        await self._transcript.say(Said(said, message.model, usage, message.odd), NO_TREE)

    async def _hear(self, answer: Answered) -> None:
        await self._transcript.hear(Returned(answer.call, answer.text, answer.error))


def more(whole: Usage, counted: Usage) -> Usage:
    """The part of `whole` that is not counted yet."""
    return Usage(*(max(0, getattr(whole, n) - getattr(counted, n)) for n in Usage.__struct_fields__))


def _joined(before: Spoke, part: Spoke) -> Spoke:
    return Spoke(
        part.id,
        "\n".join(filter(None, (before.text, part.text))),
        (*before.calls, *part.calls),
        part.model or before.model,
        before.usage + more(part.usage, before.usage),  # a nonsensical part takes nothing back
        part.error or before.error,
        tuple(dict.fromkeys((*before.odd, *part.odd))),
    )
