import type { Document } from "yaml";
import type { Variables } from "../interpolate.js";
import { type Locate, positionAt } from "../locate.js";
import type { TomlTable } from "../parse.js";
import { configError } from "../problems.js";
import { readYaml } from "../read-yaml.js";
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
import { startOf } from "../yaml-tree.js";

/**
 * Reads a Compose file of one service as settings.
 * @throws DevkitError E_CONFIG when it is not YAML, or YAML with what only generators write
 */
export async function readComposeDocument(
  source: SourceFile,
  variables: Variables,
): Promise<SettingsDocument> {
  const { document, tree, requireFine } = readYaml(source, configError);
  const sink: ComposeSink = { settings: new Map(), places: new Map(), names: new Map() };
  const file = createComposeFile(tree, variables, sink);
  readTop(file, document);
  requireFine();
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
