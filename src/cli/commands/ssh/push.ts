import type { PushOutcome } from "../../../app/ssh/push-repository.js";
import { parseDuration, toDeadline } from "../../../base/durations.js";
import { DevkitError } from "../../../base/errors.js";
import { showText } from "../../../base/show-text.js";
import { countOf } from "../../../base/plural.js";
import { withoutSecrets } from "../../../domain/identity/credentials.js";
import { listSshHosts } from "../../../domain/ssh/ssh-host.js";
import { defineCommand, flag, text } from "../../command.js";
import { INDEX_OPTION, PATH_ARGUMENT, requireIndex } from "./remote-options.js";

const DEFAULT_TIMEOUT = "2m";
const SHORT = 7;

export const repoPushSsh = defineCommand({
  path: "repo-push-ssh",
  summary: "Push an agent's branch to origin over ssh, from inside it",
  description:
    "Brings the agent's commits home first, then runs a plain git push in its container, with its own key (devkit ssh-setup). The branch goes to the remote's branch of the same name, never by force. " +
    "An origin over https is changed to its ssh form in the agent's own git settings; those of the repository on this machine stay as they are. " +
    "A detached HEAD is refused, and unless --allow-base is given also the branch that others build on: [project] base, the primary's, and the remote's own first one. " +
    "[path] is a directory of the worktree with a repository of its own, such as a submodule; the repository's name means the worktree.",
  arguments: [PATH_ARGUMENT],
  options: {
    index: INDEX_OPTION,
    allowBase: flag("--allow-base", "also a branch that others build on"),
    timeout: text(
      "--timeout <time>",
      `how long the push may take, in seconds or as 30s, 5m; ${DEFAULT_TIMEOUT} if not given`,
    ),
  },
  examples: ["devkit repo-push-ssh --index 2", "devkit repo-push-ssh vendor/lib --index 2 --timeout 10m"],
  json: "{ index, name, directory, branch, url, urlBefore: string|null, pushed, from: oid|null, to: oid, commits: number|null }",
  async run({ args, options, deps, shutdown }) {
    const selector = requireIndex(options.index, "repo-push-ssh");
    const timeoutMs = requireTime(options.timeout ?? DEFAULT_TIMEOUT);
    const { pushRepository } = await import("../../../app/ssh/push-repository.js");
    const { settings, settingsOf } = await deps.config();
    const { spec, ssh } = deps;
    const needs = { ...(await deps.projectDeps()), care: await deps.worktreeCare(), spec, ssh };
    const outcome = await pushRepository(needs, {
      selector,
      directory: args[0] ?? ".",
      allowBase: options.allowBase,
      base: settings.project.base,
      hostsFor: (agent) => listSshHosts(settingsOf(agent).ssh),
      timeoutMs,
      signal: shutdown.signal,
    });
    return { data: toData(outcome), human: () => toText(outcome) };
  },
});

function requireTime(time: string): number {
  const timeoutMs = parseDuration(/^\d+$/.test(time) ? `${time}s` : time);
  if (timeoutMs !== undefined) return toDeadline(timeoutMs);
  throw new DevkitError("E_USAGE", `${JSON.stringify(time)} is not a time`, {
    hint: "for example: --timeout 5m",
  });
}

function toData({ agent, directory, branch, remote, pushed, from, to, commits }: PushOutcome) {
  return {
    ...{ ...agent, directory, branch, url: withoutSecrets(remote.url) },
    urlBefore: remote.before === remote.url ? null : withoutSecrets(remote.before),
    ...{ pushed, from: from ?? null, to, commits: commits ?? null },
  };
}

function toText({ agent, branch, remote, pushed, from, to, commits }: PushOutcome): string {
  const url = showText(withoutSecrets(remote.url));
  const where = `${agent.name}: ${showText(branch)} → ${url}`;
  const changed =
    remote.before === remote.url
      ? ""
      : `${agent.name}: origin ${showText(withoutSecrets(remote.before))} → ${url} (in the agent's own git settings)\n`;
  if (!pushed) return `${changed}${where}: already up to date`;
  const tip = to.slice(0, SHORT);
  const facts = [
    ...(from === undefined ? ["new branch"] : []),
    ...(commits === undefined ? [] : [countOf(commits, "commit")]),
    from === undefined ? tip : `${from.slice(0, SHORT)}..${tip}`,
  ];
  return `${changed}${where} (${facts.join(", ")})`;
}
