import * as v from "valibot";
import {
  agentRef,
  count,
  failed,
  nine,
  oid,
  ok,
  path,
  some,
  text,
  usage,
  type CommandPins,
} from "./json-shapes.js";
import { SSH_HOST } from "./json-pins-ssh.js";
import type { Sandbox } from "./sandbox.js";

const HTTPS = `https://${SSH_HOST}/team/app.name.git`;
const SSH = `git@${SSH_HOST}:team/app.name.git`;

/** An origin of agent 1 alone. */
export const addOrigin = (box: Sandbox) =>
  box.devkit("exec", "1", "--", "git", "remote", "add", "origin", HTTPS);

const noRemote = (command: string) => ({
  args: [command, "--index", "2"],
  exitCode: 4,
  shape: failed("E_NO_REMOTE", 4, { agent: v.literal("agent-2"), path: v.literal("/workspace") }),
});
const failures = (command: string) => [
  nine([command, "--index"]),
  { args: [command], ...usage },
  noRemote(command),
];
const remote = (url: string, urlBefore: string, changed: boolean) =>
  v.strictObject({
    ...{ ...agentRef, directory: path },
    ...{ url: v.literal(url), urlBefore: v.literal(urlBefore), changed: v.literal(changed) },
  });

/** Pushing, and who agents are to git. */
export const PUSH_PINS: Readonly<Record<string, CommandPins>> = {
  "repo-push-ssh": {
    success: [
      ok(
        ["repo-push-ssh", "--index", "1"],
        v.strictObject({
          ...{ ...agentRef, directory: path, branch: v.literal("agent/agent-1/idle"), url: v.literal(SSH) },
          ...{
            urlBefore: v.literal(HTTPS),
            pushed: v.literal(true),
            from: v.null(),
            to: oid,
            commits: count,
          },
        }),
      ),
    ],
    failure: failures("repo-push-ssh"),
  },
  "repo-config-ssh": {
    success: [ok(["repo-config-ssh", "--index", "1"], remote(SSH, SSH, false))],
    failure: failures("repo-config-ssh"),
  },
  "repo-config-https": {
    success: [ok(["repo-config-https", "--index", "1"], remote(HTTPS, SSH, true))],
    failure: failures("repo-config-https"),
  },
};

const signer = v.strictObject({ ...agentRef, signing: v.boolean(), line: v.nullable(text) });

export const SIGNER_PINS: Readonly<Record<string, CommandPins>> = {
  "agent signers": {
    success: [ok(["agent", "signers"], v.strictObject({ signers: some(signer) }))],
    failure: [nine(["agent", "signers"])],
  },
};
