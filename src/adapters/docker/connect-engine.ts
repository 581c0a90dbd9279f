import https from "node:https";
import { homedir } from "node:os";
import Docker from "dockerode";
import { DevkitError, errorMessage, isDevkitError } from "../../base/errors.js";
import type { EnginePlace } from "../../domain/engines/engine-place.js";
import { sayPlace } from "./errors.js";
import { findEnginePlace, findOtherSockets, type FoundEngine } from "./find-engine-place.js";

export interface ConnectedEngine {
  readonly docker: Docker;
  readonly place: EnginePlace;
}

type Dial = (options: unknown, answer: (error: unknown, result?: unknown) => void) => void;

/**
 * The engine of these variables; nothing is asked of it yet. Where they name none that can be used every question ends with
 * the reason: who needs no engine is not kept from working by it.
 */
export function connectEngine(env = process.env, home = env["HOME"] ?? homedir()): ConnectedEngine {
  try {
    const found = findEnginePlace(env, home);
    const docker = new Docker(optionsOf(found));
    const modem = docker.modem as { dial: Dial };
    const dial = modem.dial.bind(modem);
    const others = () => findOtherSockets(env, home, found);
    // Whatever is asked goes through here, streams too.
    modem.dial = (options, answer) => {
      dial(options, (error, result) => {
        answer(sayPlace(error, found, others), result);
      });
    };
    return { docker, place: found };
  } catch (error) {
    return refusing(isDevkitError(error) ? error : unusable(error));
  }
}

function refusing(error: DevkitError): ConnectedEngine {
  const dial: Dial = (_, answer) => {
    answer(error);
  };
  const docker = new Docker({ modem: { dial } } as unknown as Docker.DockerOptions);
  return { docker, place: { url: "", from: error.message, socket: undefined } };
}

/** dockerode looks at the environment itself, and reads keys that docker leaves alone. */
function unusable(error: unknown): DevkitError {
  return new DevkitError("E_ENGINE_ADDRESS", `the engine cannot be used: ${errorMessage(error)}`, {
    hint: "look at DOCKER_HOST and DOCKER_CERT_PATH",
    cause: error,
  });
}

/** All of it, for what is left open dockerode takes from the environment by rules of its own. */
function optionsOf({ url, socket, tls }: FoundEngine): Docker.DockerOptions {
  if (socket !== undefined) return { socketPath: socket };
  const { hostname, port, protocol } = new URL(url);
  const isSecret = tls !== undefined || protocol === "https:";
  const agent = new https.Agent({ rejectUnauthorized: false });
  return {
    host: hostname,
    port: port === "" ? (isSecret ? 2376 : 2375) : Number(port),
    protocol: isSecret ? "https" : "http",
    ...{ ca: tls?.ca?.toString(), cert: tls?.cert?.toString(), key: tls?.key?.toString() },
    ...(tls?.verify === false ? { agent } : {}),
  };
}
