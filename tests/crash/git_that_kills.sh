#!/bin/sh
# Stands before git on PATH, as `bin/git` of a sandbox. Counts the commands by which the runner changes something, and
# after the one whose number is in `kill-at` ends the process whose id is in `victim`.
here=$(cd "$(dirname "$0")/.." && pwd)
for word; do
  case $word in
    add | commit-tree | init | mktree | read-tree | update-index | update-ref | write-tree | worktree) changes=$word ;;
    symbolic-ref) case " $* " in *" --quiet "*) ;; *) changes=$word ;; esac ;;
    -C | --no-pager | /*) continue ;;
  esac
  break
done
PATH=${PATH#"$here"/bin:}
[ "$changes" ] || exec git "$@"
git "$@"
code=$?
echo "$$ $changes" >> "$here/git-commands"
number=$(grep -n "^$$ " "$here/git-commands" | tail -n 1 | cut -d: -f1)
[ "$number" = "$(cat "$here/kill-at")" ] && kill -9 "$(cat "$here/victim")"
exit $code
