import path from "node:path";
import { quoteText } from "../base/show-text.js";
import { formatMountText, parseMountText } from "../domain/overlays/mount-text.js";
import type { LoginSettings } from "../domain/settings/settings.js";
import type { LayerSettings } from "./layer.js";
import type { Finding } from "./shape.js";

/** What paths in settings start from. */
export interface PathBase {
  /** Of relative ones. */
  readonly directory: string;
  /** Of those that start with `~/`. */
  readonly home: string;
}

export interface ResolvedSettings {
  readonly settings: LayerSettings;
  readonly findings: readonly Finding[];
}

/** Makes every path of the host absolute, so that it means the same in whatever layer it ends up. */
export function resolvePaths(settings: LayerSettings, base: PathBase): ResolvedSettings {
  const { image, container, codex, claude } = settings;
  const absolute = (file: string) => resolvePath(file, base);
  const mounts = container?.mounts?.map((text) => resolveMount(text, base));
  const findings = (mounts ?? []).flatMap((text, index): Finding[] => {
    const before = container?.mounts?.[index] ?? "";
    if (parseMountText(text).ok) return [];
    const message = `each of container.mounts must lead to a path without a colon, which ${quoteText(before)} does not`;
    return [{ path: ["container", "mounts", index], part: "value", message }];
  });
  return {
    settings: {
      ...settings,
      ...(image && {
        image: {
          ...image,
          ...(image.dockerfile !== undefined && { dockerfile: absolute(image.dockerfile) }),
          ...(image.context !== undefined && { context: absolute(image.context) }),
        },
      }),
      ...(container && {
        container: {
          ...container,
          ...(container.env_file && { env_file: container.env_file.map(absolute) }),
          ...(mounts && { mounts }),
        },
      }),
      ...(codex && { codex: resolveLogin(codex, absolute) }),
      ...(claude && { claude: resolveLogin(claude, absolute) }),
    },
    findings,
  };
}

function resolveLogin(
  { pool, config }: Partial<LoginSettings>,
  absolute: (file: string) => string,
): Partial<LoginSettings> {
  return {
    ...(pool !== undefined && { pool: absolute(pool) }),
    ...(config !== undefined && { config: absolute(config) }),
  };
}

function resolvePath(file: string, { directory, home }: PathBase): string {
  if (file === "~" || file.startsWith("~/")) return path.join(home, file.slice(1));
  return path.resolve(directory, file);
}

function resolveMount(text: string, base: PathBase): string {
  const parsed = parseMountText(text);
  if (!parsed.ok || parsed.mount.source.kind === "volume") return text;
  const source = { kind: "host" as const, path: resolvePath(parsed.mount.source.path, base) };
  return formatMountText({ ...parsed.mount, source });
}
