import { parseDocument, type Document, type YAMLError } from "yaml";
import { errorMessage } from "../../base/errors.js";
import { showText } from "../../base/show-text.js";
import type { Variables } from "../interpolate.js";
import { lineAt, type Locate, positionAt } from "../locate.js";
import type { TomlTable } from "../parse.js";
import { configError, type Problem } from "../problems.js";
import type { SettingsDocument } from "../settings-document.js";
import type { SourceFile } from "../source-file.js";
import {
  type ComposeEntry,
  type ComposeFile,
  type ComposeSettings,
  type ComposeSink,
  createComposeFile,
} from "./compose-file.js";
import { REFUSED_AT_TOP } from "./refused-keys.js";
import { readService } from "./service.js";
import { createYamlTree, startOf } from "./yaml-tree.js";

const MAX_PROBLEMS = 50;

/**
 * Reads a Compose file of one service as settings.
 * @throws DevkitError E_CONFIG when it is not YAML, or YAML with what only generators write
 */
export async function readComposeDocument(
  source: SourceFile,
  variables: Variables,
): Promise<SettingsDocument> {
  const problems: Problem[] = [];
  const complain = (offset: number, message: string, hint?: string) => {
    if (problems.length >= MAX_PROBLEMS) return;
    const position = positionAt(source.text, offset);
    const sourceLine = lineAt(source.text, position.line);
    problems.push({
      file: source.shownAs,
      ...position,
      message,
      sourceLine,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  const document = parse(source);
  for (const error of [...document.errors, ...document.warnings]) complain(error.pos[0], describe(error));
  const tree = createYamlTree(document, complain);
  throwIfAny(problems);
  const sink: ComposeSink = { settings: new Map(), places: new Map(), names: new Map() };
  const file = createComposeFile(tree, variables, sink);
  readTop(file, document);
  throwIfAny(problems);
  const locate: Locate = (path, part) => {
    const place = sink.places.get(JSON.stringify(path));
    return place === undefined ? undefined : positionAt(source.text, place[part]);
  };
  return Promise.resolve({
    values: toTables(sink.settings),
    findings: file.findings,
    locate: () => Promise.resolve(locate),
    nameOf: (path) => sink.names.get(JSON.stringify(path)),
  });
}

/** Duplicate keys are found by the tree: the parser's own look takes minutes for a long map. */
function parse(source: SourceFile): Document {
  try {
    return parseDocument(source.text, { uniqueKeys: false, prettyErrors: false, logLevel: "error" });
  } catch (error) {
    // The parser calls itself for each level.
    const message =
      error instanceof RangeError ? "is nested too deeply" : `cannot be read: ${errorMessage(error)}`;
    throw configError([{ file: source.shownAs, message }], error);
  }
}

function throwIfAny(problems: readonly Problem[]): void {
  const [first, ...others] = problems;
  if (first !== undefined) throw configError([first, ...others]);
}

function describe({ code, message }: YAMLError): string {
  if (code === "MULTIPLE_DOCS") return "only one document is read, and here begins another one";
  return showText(message.charAt(0).toLowerCase() + message.slice(1));
}

function readTop(file: ComposeFile, document: Document): void {
  const node = document.contents ?? undefined;
  const top = { path: [], node, place: { key: 0, value: startOf(node) } };
  const entries = file.keys(top, ["services", "volumes", "name", "version"], REFUSED_AT_TOP);
  const volumes = entries.get("volumes");
  if (volumes !== undefined) checkVolumes(file, volumes);
  const services = entries.get("services");
  if (services === undefined) {
    if (file.isMap(top))
      file.refuse(top, "has no services", "such as: services: { agent: { mem_limit: 2g } }");
    return;
  }
  const found = file.entries(services).filter(({ key }) => !key.startsWith("x-"));
  const [service, ...others] = found;
  for (const other of others) {
    file.refuse(other, "is a second service", "an overlay has one, which stands for the agent", "key");
  }
  if (service !== undefined) readService(file, service);
  else if (file.isMap(services)) file.refuse(services, "must have one service");
}

/** Compose wants volumes declared; here a name is enough, and whatever else could be said of one means nothing. */
function checkVolumes(file: ComposeFile, volumes: ComposeEntry): void {
  for (const volume of file.entries(volumes)) {
    if (!file.isNull(volume)) file.keys(volume, [], {});
  }
}

function toTables(settings: ComposeSettings): TomlTable {
  const tables = new Map<string, Map<string, unknown>>();
  const lists = new Map<string, unknown[]>();
  const maps = new Map<string, Map<string, unknown>>();
  for (const { path, value } of settings.values()) {
    const [table = "", key = "", inner] = path;
    const entries = getOr(tables, String(table), () => new Map<string, unknown>());
    const name = `${String(table)}.${String(key)}`;
    if (inner === undefined) entries.set(String(key), value);
    else if (typeof inner === "number") {
      const list = getOr(lists, name, () => []);
      list.push(value);
      entries.set(String(key), list);
    } else {
      const map = getOr(maps, name, () => new Map<string, unknown>());
      map.set(inner, value);
      entries.set(String(key), map);
    }
  }
  return toTable(tables);
}

function getOr<T>(map: Map<string, T>, key: string, make: () => T): T {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

function toTable(map: ReadonlyMap<string, unknown>): TomlTable {
  return Object.fromEntries(
    [...map].map(([key, value]) => [
      key,
      value instanceof Map ? toTable(value as ReadonlyMap<string, unknown>) : value,
    ]),
  );
}
