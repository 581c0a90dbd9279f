import type { RemoteFormOutcome } from "../../../app/ssh/set-remote-form.js";
import { showText } from "../../../base/show-text.js";
import { withoutSecrets } from "../../../domain/identity/credentials.js";
import type { RemoteForm } from "../../../domain/ssh/remote-url.js";
import { listSshHosts } from "../../../domain/ssh/ssh-host.js";
import { defineCommand } from "../../command.js";
import type { Deps } from "../../deps.js";
import { INDEX_OPTION, PATH_ARGUMENT, requireIndex } from "./remote-options.js";

const KEPT =
  "Only the agent's own git settings are changed, never those of the repository on this machine; the agent need not run. " +
  "[path] as in repo-push-ssh.";
const JSON_SHAPE = "{ index, name, directory, url, urlBefore, changed }";

export const repoConfigSsh = defineCommand({
  path: "repo-config-ssh",
  summary: "Make an agent's origin one over ssh",
  description: `Changes origin from https://HOST/OWNER/REPO to git@HOST:OWNER/REPO.git. ${KEPT}`,
  arguments: [PATH_ARGUMENT],
  options: { index: INDEX_OPTION },
  examples: ["devkit repo-config-ssh --index 2"],
  json: JSON_SHAPE,
  run: ({ args, options, deps }) =>
    change(deps, "ssh", args[0], requireIndex(options.index, "repo-config-ssh")),
});

export const repoConfigHttps = defineCommand({
  path: "repo-config-https",
  summary: "Make an agent's origin one over https",
  description: `Changes origin from git@HOST:OWNER/REPO.git to https://HOST/OWNER/REPO.git. ${KEPT}`,
  arguments: [PATH_ARGUMENT],
  options: { index: INDEX_OPTION },
  examples: ["devkit repo-config-https --index 2"],
  json: JSON_SHAPE,
  run: ({ args, options, deps }) =>
    change(deps, "https", args[0], requireIndex(options.index, "repo-config-https")),
});

async function change(deps: Deps, form: RemoteForm, directory: string | undefined, selector: string) {
  const { setRemoteForm } = await import("../../../app/ssh/set-remote-form.js");
  const { settingsOf } = await deps.config();
  const outcome = await setRemoteForm(
    { ...(await deps.projectDeps()), spec: deps.spec },
    { selector, directory: directory ?? ".", form, hostsFor: (agent) => listSshHosts(settingsOf(agent).ssh) },
  );
  return { data: toData(outcome), human: () => toText(outcome) };
}

function toData({ agent, directory, remote: { url, before } }: RemoteFormOutcome) {
  return {
    ...agent,
    directory,
    url: withoutSecrets(url),
    urlBefore: withoutSecrets(before),
    changed: url !== before,
  };
}

function toText({ agent, remote }: RemoteFormOutcome): string {
  const [url, before] = [remote.url, remote.before].map((one) => showText(withoutSecrets(one)));
  return remote.url === remote.before
    ? `${agent.name}: origin is already ${url ?? ""}`
    : `${agent.name}: origin ${before ?? ""} → ${url ?? ""} (in the agent's own git settings)`;
}
