"""Which commands of a specification should not be run as tests. Advice for people, not a barrier; runs nothing."""

from __future__ import annotations

import re

_LONGEST = 4000

_DOUBTFUL: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern, re.IGNORECASE))
    for reason, pattern in (
        (
            "it holds a placeholder",
            r"<[a-z][\w-]*(?: [\w-]+)*>|\{\{|\byour[-_]\w+|\bTODO\b|\bTBD\b|(?<![\w/.])\.\.\.(?![\w/])|…"
            r"|^curl\b.*(?<![$\\])\{[a-z_]+\}",
        ),
        (
            "it deletes",
            r"(?:^|[\s;&|(])(?:rm|rmdir|shred|dropdb)\s|\bgit\s+(?:clean|reset\s+--hard|branch\s+-D)|\bdrop\s+(?:table|database)\b"
            r"|\b(?:db|database)[ :](?:reset|drop)\b|\bmigrate[ :](?:fresh|reset|refresh)\b|\bunlink\s"
            r"|\bRemove-Item\b|\bxargs\s+(?:-\S+\s+)*rm\b|\btruncate\s|\bmkfs|\bdd\s+if=|\bkill(?:all)?\s|\bpkill\s|\bgit\s+checkout\s+(?:--|\.)"
            r"|\bkubectl\s+delete\b|\bterraform\s+destroy\b|\bprune\b|\s-delete\b|\bdocker\s+(?:rmi?|volume\s+rm)\b"
            r"|\b(?:compose|docker-compose)\s+down\b",
        ),
        (
            "it changes the repository's history",
            r"\bgit\s+(?:commit|add|merge|rebase|stash|tag|init|mv|checkout\s+-b|switch\s+-c)\b",
        ),
        (
            "it deploys or publishes",
            r"\bdeploy\b|\bkubectl\s+(?:apply|rollout|create|scale|patch)\b|\bterraform\s+apply\b|\bhelm\s+(?:install|upgrade)\b|\bpublish\b"
            r"|\bgit\s+push\b|\bdocker\s+push\b|\btwine\s+upload\b|\bgh\s+(?:release|pr|workflow|issue)\b|\bdb\s+push\b|\bcargo\s+release\b|\bsemantic-release\b|\bserverless\s+deploy\b|\b(?:heroku|vercel|flyctl|netlify)\b",
        ),
        (
            "it changes the machine",
            r"(?:^|[;&|]\s*)(?:systemctl\s+(?!status\b|is-|list-|show\b|cat\b)|reboot|shutdown|poweroff|halt|launchctl|u?mount\s|modprobe"
            r"|useradd|usermod|crontab|iptables|ufw|nixos-rebuild|fprintd-enroll)\b",
        ),
        (
            "it does not end",
            r"\btail\s+(?:\S+\s+)*-[a-z]*f|(?:^|[;&|]\s*)(?:watch|top|htop|less|more|vim?|nano|nodemon|gunicorn|uvicorn)\s"
            r"|\b(?:npm|yarn|pnpm|bun)\s+(?:run\s+)?(?:start|dev|serve|watch|preview)\b|\bflask\s+run\b|\bcargo\s+(?:run|watch)\b|\bartisan\s+(?:serve|queue:work)\b"
            r"|\bphx\.server\b|\bgo\s+run\s|\bstreamlit\s+run\b|\bstorybook\b(?!.*build)|\bcelery\b.*\bworker\b|\bfastapi\s+(?:dev|run)\b"
            r"|\bair\s*$|\bturbo\s+(?:run\s+)?dev\b|\bexpo\s+start\b|\btauri\s+dev\b|\bflutter\s+run\b|\bdotnet\s+(?:run|watch)\b|\s--(?:serve|daemon)\b|\brunserver\b|\bhttp\.server\b"
            r"|\b(?:rails|next|vite|ng|hugo|mkdocs|jekyll)\s+(?:s|server|serve|dev|start)\b|--watch(?:All)?\b(?!=false)"
            r"|\b(?:compose|docker-compose)\s+up\b(?!.*\s(?:-d\b|--detach|--abort-on-container-exit|--exit-code-from|--wait))"
            r"|(?:^|[\s/-])(?:start-)?dev(?:-server)?\.(?:[cm]?[jt]s|sh|py)\b|\bsleep\s+infinity\b|\bkubectl\s+(?:logs\s+.*-f\b|port-forward)",
        ),
        (
            "it asks for input",
            r"(?:^|[;&|]\s*)(?:sudo|read|passwd|ssh-keygen)\s|\bgit\s+(?:rebase|add)\s+-[ip]\b|\bdocker\s+(?:run|exec)\s+-it\b"
            r"|\bnpm\s+init\b(?!.*-y)|\bartisan\s+tinker\b"
            r"|^(?:python3?|node|irb|iex|ghci|psql|mysql|mongosh|redis-cli|sqlite3)(?:\s+[\w./:-]+\.db)?\s*$|\b(?:rails|django-admin|manage\.py)\s+(?:console|shell)\b"
            r"|\bplaywright\s+(?:codegen|.*--ui\b|.*--debug\b)|\bcypress\s+open\b|\bgit\s+commit\s*$",
        ),
        (
            "it reaches another host",
            r"\b(?:https?|ftp|wss?)://(?!(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?:[:/\s'\"]|$))"
            r"|(?:^|[;&|]\s*)(?:ssh|scp|sftp|telnet|ftp)\s|\brsync\s+.*\w:|\b(?:ping|nslookup|dig)\s"
            r"|(?:^|[;&|]\s*)(?:aws|gcloud|az|kubectl|doctl|supabase\s+link)\s(?!.*--dry-run=client)",
        ),
    )
)


def doubtful(command: str) -> str | None:
    """Why `command` should not be used as a test (READY_FORMAT's variation 12), or None."""
    if len(command) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    return next((reason for reason, pattern in _DOUBTFUL if pattern.search(command)), None)
