import * as v from "valibot";
import { agentRef, count, failed, nine, ok, some, text, usage, type CommandPins } from "./json-shapes.js";
import type { Sandbox } from "./sandbox.js";
import { createSshStand } from "./ssh-stand.js";

export const SSH_HOST = "git.company.test";
const HOST = SSH_HOST;
/** What the pins need in devkit.toml. */
export const SSH_SETTINGS = `[egress]\nprivate = ["${HOST}"]\n[ssh]\nhosts = { "${HOST}" = "${HOST}" }\n`;

/** A server that lets in whoever agent 1 is. */
export async function letIn(box: Sandbox): Promise<void> {
  const server = await createSshStand(box);
  const { stdout } = await box.devkit("exec", "1", "--", "sh", "-c", "cat ~/.ssh/*.pub");
  await server.authorize(stdout);
}

const where = { host: v.literal(HOST), server: v.literal(HOST) };
const key = v.strictObject({
  file: v.literal(`id_ed25519-${HOST}`),
  type: v.literal("ssh-ed25519"),
  fingerprint: v.pipe(v.string(), v.regex(/^SHA256:[A-Za-z0-9+/]{43}$/)),
  publicKey: v.pipe(v.string(), v.regex(/^ssh-ed25519 AAAA\S+ devkit agent-1$/)),
  made: v.boolean(),
});
const setUp = (entries: v.ObjectEntries) =>
  v.strictObject({
    agents: some(
      v.strictObject({
        ...agentRef,
        ...where,
        key,
        forward: v.boolean(),
        written: v.array(text),
        ...entries,
      }),
    ),
  });
const first = ["ssh-setup", "--index", "1", "--host", HOST, "--generate"];

/** The commands of ssh, in the repository that `json-pins.ts` describes. */
export const SSH_PINS: Readonly<Record<string, CommandPins>> = {
  "ssh-setup": {
    success: [
      ok(first, setUp({ allowed: v.literal(true), changed: v.literal(true) })),
      ok(first, setUp({ allowed: v.literal(false), changed: v.literal(false) })),
    ],
    failure: [
      nine(["ssh-setup", "--index"]),
      { args: ["ssh-setup"], ...usage },
      {
        args: ["ssh-setup", "--index", "1", "--key", "/nowhere/key"],
        exitCode: 2,
        shape: failed("E_SSH_KEY", 2, { file: v.literal("/nowhere/key"), problem: v.literal("missing") }),
      },
      {
        args: ["ssh-setup", "--index", "1", "--generate", "--host", "git.example.com"],
        exitCode: 2,
        shape: failed("E_SSH_HOST", 2, { host: v.literal("git.example.com"), known: some(text) }),
      },
    ],
  },
  "ssh-test": {
    success: [
      ok(
        ["ssh-test", "1", "--host", HOST],
        v.strictObject({
          ...agentRef,
          ...where,
          ms: count,
          said: v.pipe(v.string(), v.startsWith("Hi git!")),
        }),
      ),
    ],
    failure: [
      nine(["ssh-test"]),
      {
        args: ["ssh-test", "2"],
        exitCode: 1,
        shape: failed("E_SSH", 1, {
          ...{ index: v.literal(2), agent: v.literal("agent-2"), reason: v.literal("not-set-up") },
          ...{ host: v.literal("github.com"), server: v.literal("ssh.github.com") },
        }),
      },
    ],
  },
};
