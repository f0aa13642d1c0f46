"""The labels of fields in English, as data: `|` or a line between them, `and` for `&`."""

from __future__ import annotations

ENGLISH = {
    "goals": """
    goal|goals|task|tasks|deliverable|deliverables|objective|objectives|scope|steps|to do|todo|work
    work items|action items|what to build|requirements|features|implementation|implementation steps
    implementation tasks|key tasks|what to do|changes required|required changes|changes|key changes
    key deliverables|delivers|delivered|expected deliverables|change|changes needed|needed changes
    what changes|what we build|what gets built|what we'll build|objectives and deliverables|includes|do
    steps to implement|implementation approach|implementation details|subtasks|sub-tasks|task list
    builds|tasks / subtasks|tasks/subtasks|work to do|core tasks|main tasks|actions|changes to make
    how|scope in|in scope|goals and deliverables|acceptance tasks|build|deliver
    """,
    "modules": """
    modules|module list|components|components and dependencies|modules and dependencies|module
    module breakdown|component
    """,
    "depends_on": """
    depends on|dependencies|dependency|phase dependencies|requires|prerequisites|prerequisite|prereqs
    blocked by|depends|depends upon|requires completion of|preconditions|precondition
    """,
    "mode": """
    working mode|work mode|execution mode|mode
    """,
    "success_criteria": """
    success criteria|success criterion|acceptance criteria|acceptance|acceptance criterion
    definition of done|dod|done when|exit criteria|completion criteria|success metrics|criteria
    success criteria checklist|success checklist|acceptance checklist|acceptance criteria checklist
    completion checklist|completion criterion|done criteria|done means|definition of complete|exit gate
    exit criterion|exit condition|exit conditions|checkpoint|gate|phase gate|validation criteria
    verification criteria|expected outcome|expected outcomes|expected result|expected results
    independent test|measurable outcomes|success metric|success indicators|success|exit gate criteria|done
    verify success|success gate|completion gate|ready when|phase exit gate|phase exit criteria
    exit checklist|done checklist|success conditions|acceptance test|acceptance tests|acceptance gate
    acceptance checks|acceptance check|acceptance conditions|acceptance test cases
    exit signal|terminal conditions|termination criteria|completion conditions
    must-haves|must haves|pass criteria|quality gate criteria|gate criteria|must pass|ac|acs|accept|green criteria
    """,
    "gotchas": """
    gotcha|gotchas|known gotchas|pitfalls|known pitfalls|known issues|caveats|traps|watch out|watch out for
    common mistakes|gotchas and pitfalls|pitfalls and gotchas|known gotchas and pitfalls|watch-outs
    watchouts|pitfalls to avoid|failure modes|failure modes to watch|risks to watch|things to watch|what can go wrong
    """,
    "test_commands": """
    test command|test commands|validation command|validation commands|verification command
    verification commands|verify command|test cmd|run tests|run|command|commands|check command
    check commands
    """,
    "verification": """
    validation|verification|verify|validate|how to verify|how to validate|how to test|verification steps
    validation loop|validation steps|verification checklist|validation checklist|checks|quality checks|test checklist
    testing checklist|verification plan|validation plan|validation and testing|verification and testing
    testing and validation|how to check|smoke test|smoke tests|sanity check|sanity checks|validation gate
    verification gate
    """,
    "automated": """
    automated verification|automated checks|automated validation|automated criteria|automated
    automated success criteria|automated tests|automated test|automated testing|automatic verification
    automatic
    """,
    "manual": """
    manual verification|manual checks|manual validation|manual criteria|manual testing|manual
    manual success criteria|manual testing steps|manual tests|manual verification steps|manual test
    manual testing checklist|manual validation checklist|manual qa|manual qa checklist|manual steps
    manual test plan|human verification|feature-specific checks
    """,
    "tests": """
    test|tests|testing|tests to write|test plan|test cases|test first|testing requirements|unit tests
    integration tests|test requirements|testing strategy|test strategy|tests first|tests to add|tests added
    test coverage|new tests|tests needed|required tests
    """,
    "about": """
    overview|description|summary|intent|phase overview|phase goal summary|what|story|user story
    phase description|phase summary|goal summary
    """,
    "end_to_end": """
    end-to-end test|end-to-end command|end-to-end test command|end-to-end|end to end test|end to end command
    end to end|e2e|e2e test|e2e command|e2e test command
    """,
    "expected_files": """
    expected files|files|file|files to create|files to modify|files to create/modify
    files to create or modify|files to create and modify|new files|modified files|files created
    files modified|files changed|output files|key files|create|modify|creates|outputs|files to add
    files to change|files to edit|files to update|files to touch|files affected|files to be created
    files to be modified|new file|test files|test file|location|output file|target files|source files
    files involved|file changes|key files to modify|key files to create|files expected|affected files
    project structure|file structure|files to create / modify|files created/modified|files modified/created
    files created or modified|files touched|files (new)|new/modified files|files to create or edit
    core files|main files|suggested structure|suggested layout|suggested files|proposed structure|file layout
    modified|added|updated|touches|touched
    files likely touched|files likely modified|files likely affected|likely files|files likely to change
    files to write|files to be changed|target file|input/output files|files in scope
    affected components and files|directory structure|new directory structure|new files created
    new file structure|target structure|new structure
    implemented files|implementation files|files implemented
    files/modules|relevant files to change|artifacts|key targets|where|impacted areas|impacted files
    """,
    "duration": """
    time|duration|estimate|estimated time|estimated duration|effort|estimated effort|timeline|time estimate
    """,
    "status": """
    status|state
    """,
    "stubs": """
    stubs|allow stubs|allows stubs|stubs allowed|stubs are allowed
    """,
    "quality": """
    quality requirements|quality constraints|quality|quality gates|quality standards|code quality
    """,
    "mission": """
    mission|mission statement|purpose|vision|north star
    """,
    "immutable": """
    requirements (immutable)|immutable requirements|immutable
    """,
    "evolvable": """
    proposed approach (evolvable)|evolvable requirements|evolvable|proposed approach|approach (evolvable)
    requirements (evolvable)
    """,
    "roles": """
    custom roles|custom agents|custom agent roles
    """,
    "ignored": """
    prompt|leverage|restrictions
    out of scope|not in scope|non-goals|non goals|rationale|why|background|context|notes|note|risks
    alternatives|alternatives considered|references|future work|deferred|assumptions|on failure|rollback
    rollback plan|files to delete|deleted files|dev notes|dev agent record|agent model used
    debug log references|completion notes|qa results|completion notes list|change log
    senior developer review|parallelizable|owner|priority|risk|story points|execution graph|merge strategy
    what not to do|what we're not doing|what we are not doing|not doing|do not|do not touch|don't touch
    don't do|what this phase does not include|what this phase doesn't do|exclusions|excluded|non goal
    risks and mitigations|mitigation|mitigations|risk mitigation|risk level|current state
    current state analysis|key discoveries|open questions|why this phase|decision|decisions|design decisions
    technical decisions|complexity|confidence|required by|blocks|unblocks|next steps|next phase|example
    examples|commit|commit message|action|implementation note|parallel opportunities|parallel execution
    reference|read first|impact|estimated changes|estimated lines|lines of code|assigned to|assignee|agent
    skills|model|execution strategy|interfaces|global constraints|reference files|related files
    existing files|files to read|service restarts|progress|deviations|lessons learned|review notes
    trade-offs|tradeoffs|explicitly excluded|benefit|benefits|expected benefits|benefits demonstrated
    expected impact|why it matters|why this matters|why now|motivation|problem|challenge|pros|cons
    pros and cons|iteration id|task id|total tasks|total phases|critical path|agent type hint
    input files|reads|phase complexity|size|estimated complexity|what was implemented
    deviations from plan|known issues or follow-ups|important context or decisions|validation result
    manual validation result|previous story intelligence|previous story learnings|git intelligence
    latest tech information|library/framework requirements|architecture constraints|architecture compliance
    project structure notes|critical issues found|current state summary|component structure
    branch|pr|pull request|issue|risk assessment|dependencies to install
    rationale and trade-offs|troubleshooting|troubleshooting guide|read before|context files
    required reading|before|after|priority order|deadline|due|target date|team|budget|parallel
    learning focus|learning goals|learning objectives|what you learn|what you will learn|learnings
    files to remove|files removed|removed files|files to be removed|files to be deleted|files deleted|deletions
    scope out|failure routing|failure handling|api reference
    proof level|observability / diagnostics|integration closure|blocker|blockers
    files not in scope|files not to touch|files not to modify|files not to change|files out of scope
    out-of-scope files|files to leave alone|do not modify|sprint capacity|team capacity|capacity
    can run in parallel|constraint|constraints|anti-patterns|what not to change|not included
    commits|commit strategy|commit plan|git strategy|branch strategy
    spec|specification|spec file|design doc|plan file
    inspect|forbidden|inputs|optimal execution|evidence|entry criteria|entry gate|sign-off|finished on
    current problem|current problems|the problem|expected|expect|expected output|expected response
    what this story does not include|what is not included|explicitly not|explicitly out of scope
    """,
}
"""Field -> its labels, casefolded."""
