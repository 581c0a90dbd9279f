import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { askTool, noAnswer, urlsIn } from "./ask-tool.js";
import type { Asked, AskContext } from "./asked.js";
import { inEmptyDir } from "./empty-dir.js";
import { readIfThere } from "./read-if-there.js";

/**
 * Cargo's registry as cargo itself resolves it, the others that are configured, and the hosts their packages are on,
 * which a registry's index names. Settings come from the user's own cargo home.
 */
export async function askCargo({ env, home, signal }: AskContext): Promise<Asked> {
  const cargoHome = env["CARGO_HOME"] ?? path.join(home, ".cargo");
  return inEmptyDir(async (cwd) => {
    const ownHome = path.join(cwd, "home");
    await makeProbe(cwd, ownHome, cargoHome);
    const options = { cwd, signal, env: probeEnv(env, ownHome) };
    const config = await askTool(
      "cargo",
      ["-Zunstable-options", "config", "get", "--format", "json"],
      options,
    );
    if (config.kind === "missing") return { urls: [], notes: [noAnswer("cargo", "cargo", config)] };
    const probe = await askTool("cargo", ["generate-lockfile"], options);
    const tried = probe.kind === "ended" ? triedIn(probe.stderr) : [];
    const configured = config.kind === "ended" && config.exitCode === 0 ? indexesIn(config.stdout) : [];
    const [fetched, before] = await Promise.all([indexes(ownHome), indexes(cargoHome)]);
    const own = [...tried, ...configured, ...fetched.map(({ host }) => `https://${host}`)];
    const known = [...fetched, ...before.filter(({ host }) => own.some((url) => hostOf(url) === host))];
    const urls = [...own, ...known.flatMap(({ downloads }) => downloads)];
    if (urls.length === 0) return { urls, notes: [noAnswer("cargo", "cargo", probe)] };
    return { urls, notes: known.length > 0 ? [] : [DOWNLOADS_UNKNOWN] };
  });
}

const DOWNLOADS_UNKNOWN =
  "cargo could not ask its registry which host the packages are on; if that is another one, write its name into [egress] allow";

/** A package that needs one other, with the user's settings and nothing of what is downloaded already. */
async function makeProbe(cwd: string, ownHome: string, cargoHome: string): Promise<void> {
  await mkdir(path.join(cwd, "src"), { recursive: true });
  await mkdir(ownHome);
  await writeFile(path.join(cwd, "src", "lib.rs"), "");
  await writeFile(
    path.join(cwd, "Cargo.toml"),
    '[package]\nname = "devkit-probe"\nversion = "0.0.0"\n[dependencies]\ncfg-if = "1"\n',
  );
  for (const name of ["config.toml", "config"]) {
    await copyFile(path.join(cargoHome, name), path.join(ownHome, name)).catch(() => undefined);
  }
}

/** `config get` is for nightly cargos, and any cargo that is told to take itself for one. */
function probeEnv(env: AskContext["env"], ownHome: string): AskContext["env"] {
  const quick = { CARGO_NET_RETRY: "0", CARGO_HTTP_TIMEOUT: "5" };
  return { ...env, ...quick, CARGO_HOME: ownHome, RUSTC_BOOTSTRAP: "1" };
}

/** Where it went in vain; other URLs in its messages lead to its manual. */
function triedIn(stderr: string): string[] {
  return [...stderr.matchAll(/(?:download from|fetch|[Uu]pdat(?:e|ing)) `([^`]+)`/g)].flatMap((match) =>
    urlsIn(match[1] ?? ""),
  );
}

/** Indexes of `[registries]`, and `[source]`s that stand in for another. */
function indexesIn(json: string): string[] {
  const { registries = {}, source = {} } = JSON.parse(json) as {
    registries?: Record<string, { index?: unknown }>;
    source?: Record<string, { registry?: unknown }>;
  };
  const values = [
    ...Object.values(registries).map(({ index }) => index),
    ...Object.values(source).map(({ registry }) => registry),
  ];
  return values.filter((value) => typeof value === "string");
}

interface Index {
  readonly host: string;
  readonly downloads: readonly string[];
}

/** What the indexes that a cargo home has fetched say of where their packages are. */
async function indexes(cargoHome: string): Promise<Index[]> {
  const directory = path.join(cargoHome, "registry", "index");
  const names = await readdir(directory).catch((): string[] => []);
  const found = await Promise.all(
    names.map(async (name): Promise<Index[]> => {
      const config = await readIfThere(path.join(directory, name, "config.json"));
      const downloads = config === undefined ? [] : downloadsIn(config);
      return downloads.length === 0 ? [] : [{ host: name.replace(/-[0-9a-f]{16}$/, ""), downloads }];
    }),
  );
  return found.flat();
}

function downloadsIn(config: string): string[] {
  try {
    const { dl } = JSON.parse(config) as { dl?: unknown };
    return typeof dl === "string" ? urlsIn(dl.replace(/\{.*$/s, "")) : [];
  } catch {
    return [];
  }
}

function hostOf(url: string): string | undefined {
  return /^[^:]+:\/\/(?:[^/@]*@)?([^/:]+)/.exec(url)?.[1]?.toLowerCase();
}
