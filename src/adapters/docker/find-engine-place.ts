import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { DevkitError, systemErrorCode } from "../../base/errors.js";
import {
  PODMAN_SOCKET,
  USUAL_SOCKET,
  userSockets,
  type EnginePlace,
} from "../../domain/engines/engine-place.js";

type Env = Readonly<Record<string, string | undefined>>;

/** How a connection is kept secret. */
export interface EngineTls {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  /** Whether the engine has to prove who it is. */
  readonly verify: boolean;
}

export interface FoundEngine extends EnginePlace {
  /** Undefined: over a socket, or in the clear. */
  readonly tls: EngineTls | undefined;
}

/**
 * The engine that the program `docker` would use, found in the same order: DOCKER_HOST, DOCKER_CONTEXT, the context that
 * `docker context use` chose, the usual socket. Agents, images and features then are all where their user looks for them.
 * @throws DevkitError E_ENGINE_ADDRESS
 */
export function findEnginePlace(env: Env, home: string): FoundEngine {
  const configDir = given(env["DOCKER_CONFIG"]) ?? path.join(home, ".docker");
  const host = given(env["DOCKER_HOST"]);
  if (host !== undefined) {
    return { ...parseHost(host, "DOCKER_HOST"), tls: tlsOfVariables(env, configDir) };
  }
  const asked = given(env["DOCKER_CONTEXT"]);
  const name = asked ?? readCurrent(path.join(configDir, "config.json"));
  if (name === undefined || name === "default") {
    return { ...parseHost(`unix://${USUAL_SOCKET}`, "the usual place"), tls: undefined };
  }
  return ofContext(configDir, name, asked === undefined ? `the context ${name}` : `DOCKER_CONTEXT=${name}`);
}

/** Sockets that are there though nothing names them, for whoever has found no engine where it should be. */
export function findOtherSockets(env: Env, home: string, place: EnginePlace): string[] {
  const all = [
    USUAL_SOCKET,
    ...userSockets({ home, runtimeDir: given(env["XDG_RUNTIME_DIR"]) }),
    PODMAN_SOCKET,
  ];
  return all.filter((socket) => socket !== place.socket && existsSync(socket));
}

const given = (text: string | undefined) => (text === "" ? undefined : text);

/** An address as docker reads it: a bare `host:port` is tcp. */
function parseHost(text: string, from: string): EnginePlace {
  const url = text.includes("://") ? text : `tcp://${text}`;
  if (url.startsWith("unix://")) {
    const socket = given(url.slice("unix://".length)) ?? USUAL_SOCKET;
    return { url: `unix://${socket}`, from, socket };
  }
  if (url.startsWith("ssh://")) throw overSsh(url, from);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^(tcp|https?):$/.test(parsed.protocol) || parsed.hostname === "") {
    throw new DevkitError("E_ENGINE_ADDRESS", `${from}: ${JSON.stringify(text)} is no address of an engine`, {
      hint: `it looks like unix://${USUAL_SOCKET} or tcp://127.0.0.1:2375`,
      details: { address: text, from },
    });
  }
  return { url, from, socket: undefined };
}

function overSsh(url: string, from: string): DevkitError {
  return new DevkitError("E_ENGINE_ADDRESS", `${from}: devkit does not use an engine over ssh (${url})`, {
    hint: "agents have files of this machine mounted: run devkit on the engine's machine; where both have the same files, forward its socket: ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock HOST, and DOCKER_HOST=unix:///tmp/engine.sock",
    details: { address: url, from },
  });
}

interface ContextFile {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } };
}

function ofContext(configDir: string, name: string, from: string): FoundEngine {
  const id = createHash("sha256").update(name).digest("hex");
  const file = path.join(configDir, "contexts/meta", id, "meta.json");
  const endpoint = (readJson(file) as ContextFile | undefined)?.Endpoints?.docker;
  if (endpoint === undefined) {
    throw new DevkitError(
      "E_ENGINE_ADDRESS",
      `there is no docker context ${JSON.stringify(name)} (${from})`,
      {
        hint: "see which there are: docker context ls; choose one: docker context use NAME, or unset DOCKER_CONTEXT",
        details: { context: name, file },
      },
    );
  }
  const place = parseHost(endpoint.Host ?? "", from);
  const { ca, cert, key } = readKeys(path.join(configDir, "contexts/tls", id, "docker"));
  const skip = endpoint.SkipTLSVerify === true;
  const isPlain = place.socket !== undefined || (!skip && (ca ?? cert ?? key) === undefined);
  return { ...place, tls: isPlain ? undefined : { ca, cert, key, verify: !skip } };
}

/** As docker reads them: DOCKER_TLS_VERIFY for one that has to prove who it is, DOCKER_TLS for one that has not. */
function tlsOfVariables(env: Env, configDir: string): EngineTls | undefined {
  const verify = given(env["DOCKER_TLS_VERIFY"]) !== undefined;
  if (!verify && given(env["DOCKER_TLS"]) === undefined) return undefined;
  const dir = given(env["DOCKER_CERT_PATH"]);
  const keys = readKeys(dir ?? configDir);
  if (dir !== undefined && Object.values(keys).every((key) => key === undefined)) {
    throw new DevkitError("E_ENGINE_ADDRESS", `DOCKER_CERT_PATH: ${dir} has no ca.pem, cert.pem or key.pem`, {
      hint: "name the directory that has them, or unset DOCKER_CERT_PATH",
      details: { directory: dir },
    });
  }
  return { ...keys, verify };
}

function readKeys(dir: string): Pick<EngineTls, "ca" | "cert" | "key"> {
  const read = (name: string) => readIfThere(path.join(dir, name));
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}

function readCurrent(file: string): string | undefined {
  const config = readJson(file) as { readonly currentContext?: unknown } | undefined;
  return typeof config?.currentContext === "string" ? given(config.currentContext) : undefined;
}

function readJson(file: string): unknown {
  const text = readIfThere(file)?.toString();
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new DevkitError("E_ENGINE_ADDRESS", `${file} is not JSON, so which engine to use cannot be read`, {
      hint: "mend it, or say which engine it is: export DOCKER_HOST=unix:///var/run/docker.sock",
      details: { file },
      cause: error,
    });
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) return undefined;
    throw new DevkitError("E_ENGINE_ADDRESS", `${file} cannot be read, so which engine to use is not known`, {
      hint: `see who may: ls -l ${file}`,
      details: { file },
      cause: error,
    });
  }
}
