/** What a code means, and the exit code devkit ends with when nothing more specific applies. */
export interface ErrorCodeSpec {
  readonly exitCode: ExitCode;
  readonly meaning: string;
}

/** Exit codes of devkit; `exec`-like commands pass the inner command's own code through instead. */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6 | 70 | 125 | 130 | 143;

/** Every error devkit can end with. Codes are stable: scripts may match on them (`error.code` in `--json`). */
export const ERROR_CODES = {
  E_USAGE: {
    exitCode: 2,
    meaning: "The command line is wrong: an unknown option, a missing or bad argument.",
  },
  E_CONFIG: { exitCode: 2, meaning: "devkit.toml or an overlay has a mistake; the message gives its place." },
  E_OVERLAY_UNKNOWN: { exitCode: 2, meaning: "No overlay of that name is in any overlay directory." },
  E_LAYOUT: { exitCode: 2, meaning: "The file of a layout has a mistake; the message gives its place." },
  E_TASK_INPUT: {
    exitCode: 2,
    meaning: "A task cannot be as asked: a text, an id or an imported list that will not do.",
  },
  E_TASK_CYCLE: {
    exitCode: 2,
    meaning: "Tasks would wait for each other in a circle, which the message names.",
  },
  E_CHECK_INPUT: {
    exitCode: 2,
    meaning: "A check or a verification cannot be as asked, or devkit.toml has to be edited by hand for it.",
  },
  E_NOT_A_REPOSITORY: { exitCode: 2, meaning: "The directory is not inside a git repository." },
  E_NO_COMMIT: {
    exitCode: 2,
    meaning: "The repository has no commit yet, so there is nothing to branch from.",
  },
  E_BARE_REPOSITORY: { exitCode: 2, meaning: "The repository is bare; devkit needs a main worktree." },
  E_INSIDE_AGENT: { exitCode: 2, meaning: "The command was run inside an agent's worktree." },
  E_STATE_ELSEWHERE: {
    exitCode: 2,
    meaning:
      "The project's agents keep their homes in another state directory than HOME or XDG_STATE_HOME name now.",
  },
  E_REMOTE_URL: {
    exitCode: 2,
    meaning: "A remote's URL is not one over ssh or https to a host whose ssh devkit knows.",
  },
  E_PATH_UNSUPPORTED: { exitCode: 2, meaning: "The repository's path cannot be mounted into a container." },
  E_MOUNT: {
    exitCode: 2,
    meaning:
      "A mount of the settings is refused: it would give an agent more of the host than its own (docs/mounts.md).",
  },
  E_GIT_MISSING: { exitCode: 3, meaning: "git is not installed or not on PATH." },
  E_ENGINE_UNAVAILABLE: { exitCode: 3, meaning: "No container engine answers." },
  E_ENGINE_ADDRESS: {
    exitCode: 2,
    meaning: "DOCKER_HOST, a docker context or its keys do not lead to an engine that devkit can use.",
  },
  E_ENGINE_ROOTLESS: {
    exitCode: 3,
    meaning: "The engine is rootless: agents could not use their user's files in it (docs/engines.md).",
  },
  E_ENGINE_PERMISSION: { exitCode: 3, meaning: "The engine's socket exists, but this user may not use it." },
  E_TOOL_MISSING: { exitCode: 3, meaning: "A program that devkit needs is not installed." },
  E_IMAGE_MISSING: { exitCode: 3, meaning: "The image is neither here nor can it be pulled." },
  E_OFFLINE: {
    exitCode: 3,
    meaning: "Images are not here, and --offline keeps devkit from pulling or building them.",
  },
  E_ENDPOINT: {
    exitCode: 3,
    meaning: "The endpoint that agents reach the task pool through does not answer, or has too much to do.",
  },
  E_NO_SUBNET: { exitCode: 1, meaning: "No part of the pool is free for an agent's network." },
  E_EGRESS: { exitCode: 1, meaning: "The egress container did not come up, or did not take a policy." },
  E_CACHES: { exitCode: 1, meaning: "The engine cannot mount an agent's layered caches." },
  E_EGRESS_RULES: {
    exitCode: 2,
    meaning: "The file with the rules of devkit allow and devkit deny cannot be read.",
  },
  E_HOST_PATTERN: { exitCode: 2, meaning: "Not a name that agents can be allowed to reach." },
  E_DENY_COVERED: {
    exitCode: 2,
    meaning: "The name cannot be denied by itself, because something wider allows it.",
  },
  E_EGRESS_LEAK: { exitCode: 1, meaning: "Something reached where no agent may." },
  E_PORT_REGISTRY: {
    exitCode: 2,
    meaning: "The file with the ports of all projects' agents cannot be read.",
  },
  E_PORT_BLOCK: { exitCode: 2, meaning: "More ports are to be published than an agent's block has." },
  E_NO_PORTS: { exitCode: 1, meaning: "No block of ports is free for an agent." },
  E_PORT_TAKEN: {
    exitCode: 1,
    meaning: "Another program has the port at which an agent's was to be published; the agent itself is up.",
  },
  E_PORTS: { exitCode: 1, meaning: "What forwards an agent's published ports did not come up." },
  E_AGENT_UNKNOWN: { exitCode: 4, meaning: "There is no agent of that index or name." },
  E_TASK_UNKNOWN: {
    exitCode: 4,
    meaning: "There is no task of that id, or none that the command could mean.",
  },
  E_SESSION_UNKNOWN: { exitCode: 4, meaning: "The agent has no tmux session." },
  E_CHECK_UNKNOWN: { exitCode: 4, meaning: "There is no check of that id where it was looked for." },
  E_TOPIC_UNKNOWN: { exitCode: 4, meaning: "There is no topic of that name in devkit.toml or in the pool." },
  E_IMAGE_UNKNOWN: { exitCode: 4, meaning: "devkit built no image of that name or id." },
  E_NO_REMOTE: { exitCode: 4, meaning: "The repository has no such remote." },
  E_TRASH_UNKNOWN: { exitCode: 4, meaning: "Nothing in the trash has that agent's name or that id." },
  E_BRANCH_UNKNOWN: { exitCode: 4, meaning: "There is no local branch of that name." },
  E_PATH_NOT_FOUND: { exitCode: 4, meaning: "The directory does not exist inside the agent." },
  E_ON_HOST: {
    exitCode: 2,
    meaning: "The agent runs on this machine itself, and the command needs one with a container.",
  },
  E_AGENT_BUSY: {
    exitCode: 5,
    meaning: "The container must be replaced or stopped for this, but it is in use.",
  },
  E_BUDGET: {
    exitCode: 5,
    meaning:
      "The agents asked for would have more than the budget of all, or this machine had no room for them for a minute; --force exists.",
  },
  E_UNTRUSTED: {
    exitCode: 5,
    meaning:
      "The repository would run commands on this machine, or take something from outside of it, unapproved.",
  },
  E_CLAIMED: {
    exitCode: 5,
    meaning:
      "Somebody else has the task, or the claim it was done under is lost; the message names who has it.",
  },
  E_NOT_FOR_AGENTS: {
    exitCode: 5,
    meaning: "An agent may not do that from inside: it acts for itself only, and forces nothing.",
  },
  E_TASK_STATE: {
    exitCode: 5,
    meaning: "The task is done already, waits for others, or others wait for it.",
  },
  E_TOO_MANY: { exitCode: 5, meaning: "So many agents were asked for that devkit wants --force." },
  E_DIVERGED: {
    exitCode: 5,
    meaning: "The agent's branch and the host's, or the remote's, both have commits of their own.",
  },
  E_REF_REFUSED: {
    exitCode: 5,
    meaning: "A branch of an agent cannot come home as it is; the message says why.",
  },
  E_AGENT_WORKTREE: {
    exitCode: 5,
    meaning: "The worktree belongs to an agent, so the host's git leaves it alone.",
  },
  E_SHARED_BRANCH: {
    exitCode: 5,
    meaning: "The branch is one that others build on; devkit does not push it.",
  },
  E_DETACHED_HEAD: { exitCode: 5, meaning: "An agent's HEAD is on no branch, so there is none to push." },
  E_WORK_AT_RISK: {
    exitCode: 5,
    meaning: "An agent has work that exists nowhere else; the message names all of it.",
  },
  E_AGENT_EXISTS: {
    exitCode: 5,
    meaning: "An agent, or a branch of that name, stands in the place of the one to restore.",
  },
  E_BRANCH_IN_USE: {
    exitCode: 5,
    meaning: "The branch is an agent's, or something unfinished (a merge, a rebase) goes on where it is.",
  },
  E_WORK_IN_THE_WAY: { exitCode: 5, meaning: "Files devkit did not make stand where it has to write." },
  E_SOME_FAILED: { exitCode: 6, meaning: "Some agents succeeded and some failed; the details name each." },
  E_ALL_FAILED: { exitCode: 1, meaning: "The operation failed for every agent." },
  E_PUSH_REFUSED: { exitCode: 1, meaning: "The remote does not take a branch, by a rule of its own." },
  E_PACK_REFUSED: {
    exitCode: 1,
    meaning: "What an agent sent as its commits does not pass the checks; nothing of it was kept.",
  },
  E_WORKTREE_BROKEN: { exitCode: 1, meaning: "A worktree lacks its directory, its .git file or its index." },
  E_MERGE_CONFLICT: {
    exitCode: 1,
    meaning:
      "What the agent did and the branch do not go together; the details name the files. Nothing was changed.",
  },
  E_UNRELATED: { exitCode: 1, meaning: "The agent's commits and the branch have no common history." },
  E_TASK_BROKEN: { exitCode: 1, meaning: "The file of a task cannot be read as one; the message says why." },
  E_TMUX: { exitCode: 1, meaning: "tmux refused or failed what devkit asked of it." },
  E_GIT: { exitCode: 1, meaning: "A git command failed." },
  E_ENGINE: { exitCode: 1, meaning: "The engine refused or failed an operation." },
  E_IMAGE_BUILD: {
    exitCode: 1,
    meaning: "Building the image failed; the details hold the end of the build log.",
  },
  E_DISK_FULL: { exitCode: 1, meaning: "The file system is full." },
  E_READ_ONLY: { exitCode: 1, meaning: "devkit may not write where it has to." },
  E_FILE: { exitCode: 1, meaning: "A file operation failed." },
  E_LOCK_TIMEOUT: { exitCode: 1, meaning: "Another devkit has held the project's lock for too long." },
  E_TIMEOUT: { exitCode: 1, meaning: "A condition did not come true in time." },
  E_UNHEALTHY: { exitCode: 1, meaning: "doctor found at least one failing check." },
  E_HOME: {
    exitCode: 1,
    meaning: "Something of the agent's own stands where devkit has to write in its home.",
  },
  E_SSH_KEY: { exitCode: 2, meaning: "There is no ssh key that can be used, or the one named is none." },
  E_SSH_KEY_EXISTS: {
    exitCode: 5,
    meaning: "The agent has another ssh key already, which --force would replace.",
  },
  E_SSH_HOST: {
    exitCode: 2,
    meaning: "Neither devkit nor the settings know where that host speaks ssh on port 443.",
  },
  E_SSH: { exitCode: 1, meaning: "An agent cannot reach a host over ssh; details.reason says why." },
  E_CLI_MISSING: { exitCode: 3, meaning: "The program is not installed in the agent." },
  E_NOT_LOGGED_IN: { exitCode: 4, meaning: "The agent has no login for the program." },
  E_LOGIN_EXPIRED: { exitCode: 1, meaning: "The agent's login has expired and cannot be renewed." },
  E_LOGIN_REFUSED: { exitCode: 1, meaning: "The model server refused the agent's login: revoked, or wrong." },
  E_MODEL_LIMIT: { exitCode: 1, meaning: "The login's limit at the model server is reached (429)." },
  E_MODEL_SERVER: { exitCode: 1, meaning: "The model server failed (5xx)." },
  E_MODEL_TIMEOUT: { exitCode: 1, meaning: "The model did not answer in time." },
  E_MODEL_DENIED: { exitCode: 1, meaning: "The agent may not reach the model server." },
  E_MODEL_UNREACHABLE: { exitCode: 1, meaning: "Nobody answers at the model server's name." },
  E_MODEL_CERTIFICATE: {
    exitCode: 1,
    meaning: "The model server's certificate is of an authority that the agent does not know.",
  },
  E_MODEL: { exitCode: 1, meaning: "The program failed for another reason; the message has its words." },
  E_LOGIN: { exitCode: 2, meaning: "The file is no login of that program, or cannot be read." },
  E_LOGIN_REGISTRY: {
    exitCode: 2,
    meaning: "The file with the logins of all projects' agents cannot be read.",
  },
  E_LOGIN_MISSING: { exitCode: 4, meaning: "There is no login that an agent could be given." },
  E_LOGIN_KEPT: {
    exitCode: 5,
    meaning: "The agent has another login, or has renewed its own; --force exists.",
  },
  E_LOGIN_SHARED: {
    exitCode: 5,
    meaning:
      "The login is in use elsewhere, and renewing it would end it in one of the places; --share exists.",
  },
  E_LOGIN_POOL: {
    exitCode: 1,
    meaning: "The pool of logins cannot be used, or none of its logins is free.",
  },
  E_HOOK: { exitCode: 1, meaning: "A hook failed, or did not end in time; the message says which." },
  E_AGENT_NOT_RUNNING: {
    exitCode: 125,
    meaning: "The agent's container is not running, so nothing can run in it.",
  },
  E_OVERLAY_NOT_APPLIED: {
    exitCode: 125,
    meaning: "The agent's container was made without the overlay that the command names.",
  },
  E_EXEC: { exitCode: 125, meaning: "The engine could not start the inner command." },
  E_INTERRUPTED: { exitCode: 130, meaning: "Interrupted (Ctrl-C or SIGINT)." },
  E_TERMINATED: { exitCode: 143, meaning: "Ended by SIGTERM." },
  E_BUG: { exitCode: 70, meaning: "A defect in devkit; please report it with the stack trace." },
} as const satisfies Record<string, ErrorCodeSpec>;

export type ErrorCode = keyof typeof ERROR_CODES;
