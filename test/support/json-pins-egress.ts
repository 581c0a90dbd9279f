import * as v from "valibot";
import {
  agentRef,
  count,
  failed,
  nine,
  noEngine,
  ok,
  some,
  text,
  usage,
  type CommandPins,
  type Pinned,
} from "./json-shapes.js";

const time = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/));
const host = v.pipe(v.string(), v.regex(/^(\*\.)?[a-z0-9._-]+$/));
const rule = (action: "allow" | "deny", entries: v.ObjectEntries = {}) =>
  v.strictObject({
    ...{ host, action: v.literal(action), agent: v.null(), until: v.null(), changed: v.literal(true) },
    agents: some(v.strictObject(agentRef)),
    ...entries,
  });
const policy = v.strictObject({
  ...{ ...agentRef, up: v.literal(true), profiles: v.array(text), open: v.literal(false) },
  allowed: some(v.strictObject({ host, until: v.nullable(time), by: text })),
  denied: v.array(host),
});
const asked = v.strictObject({
  ...{ agent: agentRef.name, kind: v.picklist(["proxy", "dns"]), target: text, count },
  verdict: v.picklist(["allowed", "denied", "failed"]),
  ...{ first: time, last: time, allow: v.nullable(v.pipe(v.string(), v.startsWith("devkit allow "))) },
});
const container = v.strictObject({
  ...{
    role: v.picklist(["egress", "broker"]),
    name: text,
    id: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    state: text,
    status: text,
  },
  ...{ owner: v.null(), serves: some(agentRef.name) },
});
export const stackLine = v.strictObject({
  container: text,
  time: v.pipe(v.string(), v.isoTimestamp()),
  text,
});

const noHost = (command: string): Pinned => ({
  args: [command, "10.0.0.1"],
  exitCode: 2,
  shape: failed("E_HOST_PATTERN", 2),
});
const covered = failed("E_DENY_COVERED", 2, {
  host: v.literal("api.example.com"),
  coveredBy: v.literal("*.example.com"),
});

const probe = v.strictObject({
  id: text,
  group: v.picklist(["outside", "host", "agents", "names", "proxy", "engine"]),
  tried: text,
  verdict: v.literal("blocked"),
  detail: text,
});

/** The commands of egress, in the repository that `json-pins.ts` describes; each leaves it up. */
export const EGRESS_PINS: Readonly<Record<string, CommandPins>> = {
  allow: {
    success: [
      ok(["allow", "*.example.com"], rule("allow")),
      ok(
        ["allow", "crates.example.org", "--agent", "2", "--for", "10m"],
        rule("allow", { agent: v.literal("agent-2"), until: time }),
      ),
    ],
    failure: [
      noHost("allow"),
      nine(["allow", "example.com", "--agent"]),
      { args: ["allow", "example.com", "--for", "soon"], ...usage },
    ],
  },
  deny: {
    success: [
      ok(["deny", "crates.example.org", "--agent", "2"], rule("deny", { agent: v.literal("agent-2") })),
    ],
    failure: [noHost("deny"), { args: ["deny", "api.example.com"], exitCode: 2, shape: covered }],
  },
  "egress list": {
    success: [ok(["egress", "list"], v.strictObject({ agents: some(policy) }))],
    failure: [nine(["egress", "list"])],
  },
  "egress log": {
    success: [
      ok(["egress", "log"], v.strictObject({ entries: some(asked) })),
      ok(["egress", "log", "--denied", "--agent", "1"], v.strictObject({ entries: some(asked) })),
    ],
    failure: [nine(["egress", "log", "--agent"])],
  },
  "egress reload": {
    success: [
      ok(["egress", "reload"], v.strictObject({ names: count, agents: v.pipe(count, v.minValue(1)) })),
    ],
    failure: [noEngine("egress", "reload")],
  },
  "egress test": {
    success: [
      ok(
        ["egress", "test", "1"],
        v.strictObject({
          agents: some(v.strictObject({ ...agentRef, egress: v.literal("running"), probes: some(probe) })),
        }),
      ),
    ],
    failure: [
      nine(["egress", "test"]),
      {
        args: ["egress", "test", "3"],
        exitCode: 1,
        shape: failed("E_AGENT_NOT_RUNNING", 1, { agent: v.literal("agent-3"), state: v.literal("exited") }),
      },
    ],
  },
  up: {
    success: [ok(["up"], v.strictObject({ cause: text })), ok(["up"], v.strictObject({ cause: v.null() }))],
    failure: [noEngine("up"), { args: ["up", "3"], ...usage }],
  },
  down: {
    success: [
      ok(["down"], v.strictObject({ stopped: some(text) })),
      ok(["down"], v.strictObject({ stopped: v.strictTuple([]) })),
    ],
    failure: [noEngine("down")],
  },
  restart: {
    success: [ok(["restart"], v.strictObject({ cause: text }))],
    failure: [noEngine("restart")],
  },
  status: {
    success: [ok(["status"], v.strictObject({ containers: some(container) }))],
    failure: [noEngine("status")],
  },
  logs: {
    success: [ok(["logs"], v.strictObject({ lines: v.array(stackLine) }))],
    failure: [noEngine("logs"), { args: ["logs", "--tail", "x"], ...usage }],
  },
};
