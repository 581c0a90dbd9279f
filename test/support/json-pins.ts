import * as v from "valibot";
import { agentRef, count, oid, path, some, text } from "./json-primitives.js";
import { conflict, diff, mergeData, verdict } from "./json-merging.js";

/** One run of a command, and the exact shape of the document it must print. Objects have these keys and no others. */
export interface Pinned {
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Shape of `data`; of a failed run, of `error`. */
  readonly shape: v.GenericSchema;
}

export interface CommandPins {
  /** Undefined: the command has no document to answer with. */
  readonly success: readonly Pinned[];
  readonly failure: readonly Pinned[];
}

const operation = v.strictObject({ agent: agentRef.name, kind: text, cause: text, after: v.array(text) });
const upData = (dryRun: boolean, operations: v.GenericSchema) =>
  v.strictObject({
    dryRun: v.literal(dryRun),
    imageCause: v.nullable(text),
    agents: some(v.strictObject({ ...agentRef, worktree: path, changed: v.boolean() })),
    operations,
  });
const downData = (dryRun: boolean) =>
  v.strictObject({
    dryRun: v.literal(dryRun),
    agents: some(v.strictObject({ ...agentRef, changed: v.boolean() })),
    operations: some(operation),
  });
const row = {
  ...agentRef,
  state: v.picklist(["running", "exited"]),
  branch: v.nullable(text),
  worktree: path,
  sync: v.picklist(["current", "updated", "diverged", "refused", "failed"]),
};
const status = v.strictObject({
  ...row,
  container: v.strictObject({ id: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), name: text, status: text }),
  home: path,
  changed: count,
  untracked: count,
  pending: v.array(operation),
});
export const logLine = v.strictObject({
  agent: agentRef.name,
  time: v.pipe(v.string(), v.isoTimestamp()),
  text,
});
const ran = {
  ...agentRef,
  exitCode: count,
  stdout: v.string(),
  stderr: v.string(),
  truncated: v.literal(false),
};
const origin = v.variant("source", [
  v.strictObject({ source: v.literal("default") }),
  v.strictObject({ source: v.literal("file"), file: v.literal("devkit.toml"), line: count, column: count }),
  v.strictObject({
    source: v.literal("overlay"),
    file: path,
    line: count,
    column: count,
    overlay: v.literal("small"),
  }),
]);
const setting = v.strictObject({ key: text, value: v.unknown(), origin });
const finding = v.strictObject({
  ...{ check: text, verdict: v.picklist(["ok", "warning", "failed"]), found: text, why: text },
  fix: v.nullable(text),
});
const doctorData = (healthy: boolean) =>
  v.strictObject({ healthy: v.literal(healthy), findings: some(finding) });

const failed = (code: string, exitCode: number, details: v.ObjectEntries = {}) =>
  v.strictObject({
    code: v.literal(code),
    message: v.pipe(text, v.regex(/^[^\n]*$/, "is more than one line")),
    hint: text,
    exitCode: v.literal(exitCode),
    details: v.strictObject(details),
  });
const unknownAgent = failed("E_AGENT_UNKNOWN", 4, { asked: v.literal("9"), agents: some(agentRef.name) });
const usage: Omit<Pinned, "args"> = { exitCode: 2, shape: failed("E_USAGE", 2) };
const engineless = { systemCode: v.literal("ENOENT"), dockerHost: v.literal("unix:///nowhere") };
const noEngine: Omit<Pinned, "args"> = {
  env: { DOCKER_HOST: "unix:///nowhere" },
  exitCode: 3,
  shape: failed("E_ENGINE_UNAVAILABLE", 3, engineless),
};
const nine = (args: string[]): Pinned => ({ args: [...args, "9"], exitCode: 4, shape: unknownAgent });
const ok = (args: string[], shape: v.GenericSchema): Pinned => ({ args, exitCode: 0, shape });
const problem = v.strictObject({
  file: text,
  line: count,
  column: count,
  message: text,
  hint: text,
  sourceLine: text,
});
const file = v.strictObject({ file: path, created: v.literal(false) });
const failedAgents = { failed: some(v.strictObject({ agent: agentRef.name, code: text, message: text })) };
const costs = { newAgents: count, diskBytes: count, memoryBytes: count, seconds: count };

/**
 * By command. The repository has a devkit.toml with `memory`, agents 1 to 3 of which the third is stopped, and beside
 * it `broken.toml` with a mistake and `no-image.toml` that names an image nobody has.
 */
export const JSON_PINS: Readonly<Record<string, CommandPins>> = {
  init: {
    success: [ok(["init"], file)],
    failure: [{ args: ["-C", "/", "init"], exitCode: 2, shape: failed("E_NOT_A_REPOSITORY", 2) }],
  },
  "agent up": {
    success: [
      ok(["agent", "up", "2"], upData(false, v.strictTuple([]))),
      ok(["agent", "up", "4", "--dry-run"], upData(true, some(operation))),
    ],
    failure: [
      { args: ["agent", "up", "none"], ...usage },
      { args: ["agent", "up", "1000"], exitCode: 5, shape: failed("E_TOO_MANY", 5, costs) },
    ],
  },
  "agent list": {
    success: [ok(["agent", "list"], v.strictObject({ agents: some(v.strictObject(row)) }))],
    failure: [{ args: ["agent", "list"], ...noEngine }],
  },
  "agent status": {
    success: [ok(["agent", "status"], v.strictObject({ agents: some(status) }))],
    failure: [nine(["agent", "status"])],
  },
  "agent down": {
    success: [
      ok(["agent", "down", "2", "--dry-run"], downData(true)),
      ok(["agent", "down", "2"], downData(false)),
    ],
    failure: [nine(["agent", "down"])],
  },
  "agent logs": {
    success: [ok(["agent", "logs"], v.strictObject({ lines: some(logLine) }))],
    failure: [nine(["agent", "logs"]), nine(["agent", "logs", "--follow"])],
  },
  "agent sync": {
    success: [
      ok(
        ["agent", "sync", "1"],
        v.strictObject({
          agents: some(
            v.strictObject({
              ...agentRef,
              updated: some(v.strictObject({ ref: text, from: v.nullable(oid), to: oid })),
            }),
          ),
        }),
      ),
    ],
    failure: [nine(["agent", "sync"])],
  },
  "agent diff": {
    success: [ok(["agent", "diff", "1"], v.strictObject({ agents: some(diff) }))],
    failure: [nine(["agent", "diff"])],
  },
  "agent merge": {
    success: [
      ok(["agent", "merge", "1", "--dry-run"], mergeData("fast-forward", true)),
      ok(["agent", "merge", "1"], mergeData("fast-forward", false)),
      ok(["agent", "merge", "1"], mergeData("none", false)),
    ],
    failure: [
      nine(["agent", "merge"]),
      { args: ["agent", "merge", "1", "--squash", "--rebase"], ...usage },
      {
        args: ["agent", "merge", "1", "--into", "nosuch"],
        exitCode: 4,
        shape: failed("E_BRANCH_UNKNOWN", 4, { branch: v.literal("nosuch") }),
      },
    ],
  },
  "agent conflicts": {
    success: [
      ok(
        ["agent", "conflicts"],
        v.strictObject({
          base: v.strictObject({ name: text, oid }),
          agents: some(v.strictObject({ ...agentRef, branch: text, oid, uncommitted: count })),
          pairs: some(v.strictObject({ one: text, other: text, verdict, files: v.array(conflict) })),
        }),
      ),
    ],
    failure: [
      { args: ["agent", "conflicts", "--base", "nosuch"], exitCode: 2, shape: failed("E_NO_COMMIT", 2) },
    ],
  },
  exec: {
    success: [
      ok(["exec", "1", "true"], v.strictObject({ ...ran, exitCode: v.literal(0) })),
      { args: ["exec", "1", "--", "sh", "-c", "exit 9"], exitCode: 9, shape: v.strictObject(ran) },
    ],
    failure: [
      {
        args: ["exec", "3", "true"],
        exitCode: 125,
        shape: failed("E_AGENT_NOT_RUNNING", 125, {
          agent: v.literal("agent-3"),
          state: v.literal("exited"),
        }),
      },
      { args: ["exec", "1"], ...usage },
    ],
  },
  "exec-cd": {
    success: [
      ok(["exec-cd", "1", "src", "pwd"], v.strictObject({ ...ran, stdout: v.literal("/workspace/src\n") })),
    ],
    failure: [
      {
        args: ["exec-cd", "1", "nowhere", "pwd"],
        exitCode: 4,
        shape: failed("E_PATH_NOT_FOUND", 4, {
          agent: v.literal("agent-1"),
          path: v.literal("/workspace/nowhere"),
        }),
      },
    ],
  },
  shell: { success: [], failure: [{ args: ["shell", "1"], ...usage }] },
  "attach-cd": { success: [], failure: [{ args: ["attach-cd", "1", "src"], ...usage }] },
  "config show": {
    success: [
      ok(["-p", "small", "config", "show"], v.strictObject({ files: some(path), settings: some(setting) })),
    ],
    failure: [
      {
        args: ["--config", "broken.toml", "config", "show"],
        exitCode: 2,
        shape: failed("E_CONFIG", 2, { problems: some(problem), excerpt: text }),
      },
    ],
  },
  "config check": {
    success: [ok(["config", "check"], v.strictObject({ files: some(path) }))],
    failure: [
      {
        args: ["-p", "nosuch", "config", "check"],
        exitCode: 2,
        shape: failed("E_OVERLAY_UNKNOWN", 2, { overlay: v.literal("nosuch"), known: some(text) }),
      },
    ],
  },
  "image build": {
    success: [
      ok(
        ["image", "build"],
        v.strictObject({ reference: text, id: v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/)) }),
      ),
    ],
    failure: [
      {
        args: ["--config", "no-image.toml", "image", "build"],
        exitCode: 3,
        shape: failed("E_IMAGE_MISSING", 3, { image: text }),
      },
    ],
  },
  doctor: {
    success: [
      ok(["doctor"], doctorData(true)),
      { args: ["doctor"], env: { DOCKER_HOST: "unix:///nowhere" }, exitCode: 1, shape: doctorData(false) },
    ],
    failure: [{ args: ["doctor", "extra"], ...usage }],
  },
  completion: {
    success: [ok(["completion", "zsh"], v.strictObject({ shell: v.literal("zsh"), script: text }))],
    failure: [{ args: ["completion", "tcsh"], ...usage }],
  },
  version: {
    success: [ok(["version"], v.strictObject({ devkit: text, node: text, git: text }))],
    failure: [{ args: ["version", "extra"], ...usage }],
  },
};

/** What `agent sync` answers when one agent of several, or the only one asked for, has diverged. */
export const DIVERGED = {
  one: failed("E_DIVERGED", 5, failedAgents),
  some: failed("E_SOME_FAILED", 6, failedAgents),
};
