"""How long to keep trying when a request to a model fails. It only decides; it never waits."""

from __future__ import annotations

import random
import time

import msgspec

from conductor.agents.contract.assignment import AgentBroke, AgentRejected, Waiting
from conductor.agents.runners.anthropic.failures import FailureRule


class RetryPolicy(msgspec.Struct, frozen=True):
    """Times are seconds. `local_wait` limits waiting within one agent for one turn: longer waits are recorded."""

    tries: int = 5  # for what may be temporary
    pause: float = 1.0  # after the first failure; doubled with each
    longest: float = 30.0  # pause between two tries
    local_wait: float = 10.0
    recorded_wait: float = 30.0  # wait on record if the service names no time, or one shorter than our own pause
    idle_timeout: float = 300.0  # without a byte; the service sends pings

    def wait(self, rule: FailureRule, failed: int, waited: float) -> float:
        """Seconds until the next try, after `failed` tries and `waited` seconds.

        Raises Waiting if that is too long to wait here, AgentRejected if another try cannot help, AgentBroke if there
        were enough tries.
        """
        if rule.action == "fail":
            raise AgentRejected(rule.what, hint=rule.hint)
        pause = min(self.pause * 2.0 ** (failed - 1), self.longest) * random.uniform(0.75, 1.25)
        if rule.action == "wait":
            asked = rule.after or 0.0  # a service may say 0 every time: our own pause is the least
            if waited + max(pause, asked) > self.local_wait:
                after = asked if asked >= pause else self.recorded_wait
                raise Waiting(rule.kind, time.time() + after, f"{rule.what}: waiting {after:.0f} s")
            return max(pause, asked)
        if failed >= self.tries:
            raise AgentBroke(f"{failed} tries to call the model failed; the last one: {rule.what}")
        return max(pause, min(rule.after or 0.0, self.longest))
