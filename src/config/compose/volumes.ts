import { quoteText } from "../../base/show-text.js";
import type { ComposeEntry, ComposeFile, ComposeValue } from "./compose-file.js";

const TYPES = "there are: bind, volume";
const REFUSED: Readonly<Record<string, string>> = {
  bind: "devkit mounts what is there, and makes no directories",
  volume: "a volume is a directory that devkit keeps for each agent",
  tmpfs: "/tmp is one; [container] tmp in overlay.toml is its size",
  image: TYPES,
  consistency: "it means nothing on Linux",
};
const IS_PATH = /^(?:[/~]|\.{1,2}(?:\/|$))/;

/** `volumes`, in the short and the long syntax. */
export function readVolumes(file: ComposeFile, volumes: ComposeEntry): void {
  const items = file.items(volumes);
  if (items === undefined) file.refuse(volumes, "must be a list");
  for (const [index, item] of (items ?? []).entries()) {
    const text = file.isMap(item) ? readLong(file, item) : readShort(file, item);
    if (text !== undefined) file.set(["container", "mounts", index], text, item);
  }
}

function readShort(file: ComposeFile, item: ComposeValue): string | undefined {
  const text = file.text(item);
  if (text === undefined || text.includes(":")) return text;
  file.refuse(item, `has no name: ${quoteText(text)}`, `such as ${quoteText(`data:${text}`)}`);
  return undefined;
}

function readLong(file: ComposeFile, item: ComposeValue): string | undefined {
  const entries = file.keys(item, ["type", "source", "target", "read_only"], REFUSED);
  const [type, source, target] = ["type", "source", "target"].map((key) => {
    const entry = entries.get(key);
    if (entry === undefined) file.refuse(item, `has no ${key}`);
    return entry === undefined ? undefined : file.text(entry);
  });
  const readOnly = entries.get("read_only");
  const mode = readOnly !== undefined && file.isTrue(readOnly) ? ":ro" : "";
  if (readOnly !== undefined && mode === "" && !file.isBoolean(readOnly)) {
    file.refuse(readOnly, "must be true or false");
  }
  if (type === undefined || source === undefined || target === undefined) return undefined;
  const from = readSource(file, item, { type, source });
  return from === undefined ? undefined : `${from}:${target}${mode}`;
}

function readSource(
  file: ComposeFile,
  item: ComposeValue,
  { type, source }: { readonly type: string; readonly source: string },
): string | undefined {
  if (type === "bind") return IS_PATH.test(source) ? source : `./${source}`;
  if (type !== "volume") file.refuse(item, `cannot be of the type ${quoteText(type)}`, TYPES);
  else if (IS_PATH.test(source))
    file.refuse(item, `has a path as the name of a volume: ${quoteText(source)}`);
  else return source;
  return undefined;
}
