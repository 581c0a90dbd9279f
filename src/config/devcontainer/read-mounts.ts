import path from "node:path";
import { quoteText } from "../../base/show-text.js";
import { formatMountText, type MountSource } from "../../domain/overlays/mount-text.js";
import type { SettingPath } from "../locate.js";
import type { Reading } from "./reading.js";

export function readMounts(value: unknown, at: SettingPath, reading: Reading): void {
  for (const [index, one] of reading.list(value, at).entries()) {
    const place = [...at, index];
    if (typeof one === "string") addMount(splitOptions(one), place, reading);
    else {
      const members = reading.members(one, place);
      const options = members.map(([name, option]): [string, string] => [
        name,
        typeof option === "boolean" ? String(option) : (reading.text(option, [...place, name]) ?? ""),
      ]);
      if (members.length > 0) addMount(options, place, reading);
    }
  }
}

/** The options of `docker run --mount`: `type=bind,source=/a,target=/b,readonly`. */
export function splitOptions(text: string): [string, string][] {
  return text
    .split(",")
    .filter((part) => part !== "")
    .map((part) => {
      const [name = "", ...value] = part.split("=");
      return [name.trim(), value.length === 0 ? "true" : value.join("=")];
    });
}

const SPELLINGS: Readonly<Record<string, string>> = {
  src: "source",
  dst: "target",
  destination: "target",
  ro: "readonly",
};
/** What it would tune has no effect on Linux. */
const TUNING = ["consistency"];

const ENGINE_SOCKET = /\/(?:docker|podman|containerd|dockershim)\.sock$/;

/** Adds one mount in the words of `docker run --mount`, or says what of it is not supported. */
export function addMount(
  options: readonly (readonly [string, string])[],
  at: SettingPath,
  reading: Reading,
): void {
  const given = new Map(options.map(([name, value]) => [SPELLINGS[name] ?? name, value]));
  const {
    type = "volume",
    source,
    target,
    readonly = "false",
    ...others
  } = Object.fromEntries([...given].filter(([name]) => !TUNING.includes(name)));
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    reading.unsupported(at, `a mount's option ${quoteText(unknown)} is not supported`, {
      hint: "a mount has source, target, type (bind or volume) and readonly",
    });
  } else if (type === "tmpfs") {
    reading.refuse(at, "a mount of type tmpfs is not supported", {
      hint: "/tmp is one already, container.tmp sets its size; or use a volume",
    });
  } else if (type !== "bind" && type !== "volume") {
    reading.refuse(at, `a mount of type ${quoteText(type)} is not supported`, {
      hint: 'there are "bind" and "volume"',
    });
  } else if (target === undefined || !target.startsWith("/")) {
    reading.refuse(at, "a mount needs a target, an absolute path in the container");
  } else if (type === "bind" && source === undefined) {
    reading.refuse(at, "a mount of type bind needs a source");
  } else if (ENGINE_SOCKET.test(source ?? "")) {
    reading.unsupported(at, "agents never get the engine's socket: it gives its holder the whole machine");
  } else {
    const from = sourceOf(type, source, target, reading);
    const readOnly = ["true", "1"].includes(readonly);
    for (const one of targetsOf(target, reading))
      reading.add(["container", "mounts"], formatMountText({ source: from, target: one, readOnly }), at);
  }
}

function sourceOf(
  type: "bind" | "volume",
  source: string | undefined,
  target: string,
  { root }: Reading,
): MountSource {
  if (type === "bind") return { kind: "host", path: path.resolve(root, source ?? "") };
  // Without a name the engine makes one up; here it has to be the same the next time.
  return { kind: "volume", name: source ?? target.replaceAll(/[^\w.-]+/g, "-").replace(/^-/, "") };
}

/** The worktree is at two places, so what is mounted into it is at both. */
function targetsOf(target: string, { workspacePlace }: Reading): string[] {
  const normal = path.posix.normalize(target).replace(/(?<=.)\/$/, "");
  const isInside = normal.startsWith(`${workspacePlace}/`) && workspacePlace !== "/workspace";
  return isInside ? [`/workspace${normal.slice(workspacePlace.length)}`, normal] : [normal];
}
