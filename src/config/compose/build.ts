import path from "node:path";
import type { ComposeFile, ComposeValue } from "./compose-file.js";
import { readVariables } from "./compose-variables.js";

const IMAGE = "devkit names, caches and shares the images that it builds itself";
const HERE = "builds run here, with what the Dockerfile and its context hold";

const REFUSED: Readonly<Record<string, string>> = {
  dockerfile_inline: "write it to a file that dockerfile names",
  tags: IMAGE,
  labels: IMAGE,
  cache_from: IMAGE,
  cache_to: IMAGE,
  no_cache: IMAGE,
  pull: "devkit image build --pull asks for newer images",
  platforms: "agents run on this machine's own platform",
  network: HERE,
  extra_hosts: HERE,
  secrets: HERE,
  ssh: HERE,
  additional_contexts: HERE,
  privileged: HERE,
  entitlements: HERE,
};

/** `build`, a context alone or a map; the Dockerfile is in the context unless it says otherwise. */
export function readBuild(file: ComposeFile, build: ComposeValue): void {
  if (!file.isMap(build)) {
    const context = file.text(build);
    if (context !== undefined)
      setPlaces(file, { context, dockerfile: "Dockerfile" }, { context: build, dockerfile: build });
    return;
  }
  const entries = file.keys(build, ["context", "dockerfile", "args", "target"], REFUSED);
  const [contextEntry, dockerfileEntry] = [entries.get("context"), entries.get("dockerfile")];
  const context = contextEntry === undefined ? "." : file.text(contextEntry);
  const dockerfile = dockerfileEntry === undefined ? "Dockerfile" : file.text(dockerfileEntry);
  if (context !== undefined && dockerfile !== undefined) {
    setPlaces(
      file,
      { context, dockerfile },
      { context: contextEntry ?? build, dockerfile: dockerfileEntry ?? build },
    );
  }
  const args = entries.get("args");
  if (args !== undefined) readVariables(file, args, ["image", "args"]);
  const target = entries.get("target");
  const stage = target === undefined ? undefined : file.text(target);
  if (target !== undefined && stage !== undefined) file.set(["image", "target"], stage, target);
}

function setPlaces(
  file: ComposeFile,
  { context, dockerfile }: { readonly context: string; readonly dockerfile: string },
  from: { readonly context: ComposeValue; readonly dockerfile: ComposeValue },
): void {
  const isOwn = path.isAbsolute(dockerfile) || dockerfile.startsWith("~/");
  file.set(["image", "context"], context, from.context);
  file.set(
    ["image", "dockerfile"],
    isOwn ? dockerfile : path.posix.join(context, dockerfile),
    from.dockerfile,
  );
}
