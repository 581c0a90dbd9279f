import { readBuild } from "./build.js";
import type { ComposeEntry, ComposeFile, ComposeValue } from "./compose-file.js";
import { readVariables } from "./compose-variables.js";
import { REFUSED_KEYS } from "./refused-keys.js";
import { splitWords } from "./split-words.js";
import { readVolumes } from "./volumes.js";

/** How each key of a service that devkit takes becomes settings. */
export const SERVICE_KEYS: Readonly<Record<string, (file: ComposeFile, entry: ComposeEntry) => void>> = {
  image: (file, entry) => {
    setText(file, ["image", "base"], entry);
  },
  build: readBuild,
  environment: (file, entry) => {
    readVariables(file, entry, ["container", "env"]);
  },
  env_file: readEnvFiles,
  volumes: readVolumes,
  working_dir: (file, entry) => {
    setText(file, ["container", "workdir"], entry);
  },
  command: readCommand,
  user: (file, entry) => {
    setText(file, ["container", "user"], entry);
  },
  mem_limit: (file, entry) => {
    setText(file, ["container", "memory"], entry);
  },
  cpus: (file, entry) => {
    setNumber(file, ["container", "cpus"], entry);
  },
  pids_limit: (file, entry) => {
    setNumber(file, ["container", "pids"], entry);
  },
  deploy: readDeploy,
};

/** The one service of the file: whatever its name, it stands for the agents that the overlay is for. */
export function readService(file: ComposeFile, service: ComposeValue): void {
  const entries = file.keys(service, Object.keys(SERVICE_KEYS), REFUSED_KEYS);
  for (const [key, entry] of entries) {
    if (Object.hasOwn(SERVICE_KEYS, key)) SERVICE_KEYS[key]?.(file, entry);
  }
  const [image, build] = [entries.get("image"), entries.get("build")];
  if (image === undefined || build === undefined) return;
  file.refuse(
    image,
    "beside build only names what is built, and devkit has names of its own",
    "take it out",
    "key",
  );
}

type Setting = readonly [table: string, key: string];

function setText(file: ComposeFile, path: Setting, value: ComposeValue): void {
  const text = file.text(value);
  if (text !== undefined) file.set(path, text, value);
}

/** Numbers may be written as text, which is where variables are. */
function setNumber(file: ComposeFile, path: Setting, value: ComposeValue): void {
  const text = file.text(value);
  if (text !== undefined) file.set(path, /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text, value);
}

function readEnvFiles(file: ComposeFile, entry: ComposeEntry): void {
  for (const [index, item] of (file.items(entry) ?? [entry]).entries()) {
    const named = file.isMap(item) ? readEnvFile(file, item) : item;
    const text = named === undefined ? undefined : file.text(named);
    if (text !== undefined) file.set(["container", "env_file", index], text, item);
  }
}

function readEnvFile(file: ComposeFile, item: ComposeValue): ComposeValue | undefined {
  const entries = file.keys(item, ["path", "required"], { format: "files hold NAME=value lines" });
  const required = entries.get("required");
  if (required !== undefined && !file.isTrue(required)) {
    file.refuse(required, "can only be true", "a file that is not there is an error", "value");
  }
  const path = entries.get("path");
  if (path === undefined) file.refuse(item, "has no path");
  return path;
}

function readCommand(file: ComposeFile, entry: ComposeEntry): void {
  const items = file.items(entry);
  if (items !== undefined) {
    if (items.length === 0) file.set(["container", "command"], [], entry);
    for (const [index, item] of items.entries()) {
      const word = file.text(item);
      if (word !== undefined) file.set(["container", "command", index], word, item);
    }
    return;
  }
  const text = file.text(entry);
  const words = text === undefined ? [] : splitWords(text);
  if (words === undefined) file.refuse(entry, "has a quote that stays open");
  else if (text !== undefined) file.set(["container", "command"], words, entry);
}

function readDeploy(file: ComposeFile, deploy: ComposeEntry): void {
  const replicas = { replicas: "devkit agent up N says how many agents there are" };
  const resources = file.keys(deploy, ["resources"], replicas).get("resources");
  if (resources === undefined) return;
  const reservations = { reservations: "devkit only limits what agents use" };
  const limits = file.keys(resources, ["limits"], reservations).get("limits");
  if (limits === undefined) return;
  const entries = file.keys(limits, ["memory", "cpus", "pids"]);
  const [memory, cpus, pids] = ["memory", "cpus", "pids"].map((key) => entries.get(key));
  if (memory !== undefined) setText(file, ["container", "memory"], memory);
  if (cpus !== undefined) setNumber(file, ["container", "cpus"], cpus);
  if (pids !== undefined) setNumber(file, ["container", "pids"], pids);
}
