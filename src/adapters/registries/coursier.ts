import path from "node:path";
import { urlsIn } from "./ask-tool.js";
import type { Asked, AskContext } from "./asked.js";
import { readIfThere } from "./read-if-there.js";

/** The repositories of coursier's variable, of its mirrors and of sbt's own file. */
export async function askCoursier({ home, env }: AskContext): Promise<Asked> {
  const configHome = env["XDG_CONFIG_HOME"] ?? path.join(home, ".config");
  const mirrorFiles = [
    env["COURSIER_MIRRORS"],
    path.join(configHome, "coursier", "mirror.properties"),
    path.join(home, "Library", "Preferences", "Coursier", "mirror.properties"),
  ].filter((file) => file !== undefined);
  const mirrors = (await Promise.all(mirrorFiles.map(readIfThere))).flatMap((text) => mirrorsIn(text ?? ""));
  const sbt = (await readIfThere(path.join(home, ".sbt", "repositories"))) ?? "";
  const named = env["COURSIER_REPOSITORIES"] ?? "";
  const urls = [...urlsIn(named), ...mirrors, ...sbt.split("\n").flatMap(sbtRepository)];
  const needsDefault =
    urls.length === 0 || /(?:^|\|)\s*central\s*(?:\||$)/.test(named) || /^\s*maven-central\s*$/m.test(sbt);
  return { urls, notes: needsDefault && mirrors.length === 0 ? [NO_DEFAULT] : [] };
}

const NO_DEFAULT =
  "coursier cannot be asked where its own default repository is, and no mirror.properties names another; write the name of its host into [egress] allow";

/** Only where mirrors lead: what they stand for is not gone to any more. */
function mirrorsIn(properties: string): string[] {
  return properties
    .split("\n")
    .flatMap((line) => /^\s*[^#!=:]+\.to\s*[=:](.*)$/.exec(line)?.[1] ?? [])
    .flatMap((value) => urlsIn(value.replaceAll("\\:", ":")));
}

/** `name: https://…, [pattern]`; names without a URL are sbt's own words. */
function sbtRepository(line: string): string[] {
  return line.trim().startsWith("#") ? [] : urlsIn(line);
}
