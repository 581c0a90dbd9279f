import type { EnginePlace } from "../../domain/engines/engine-place.js";
import { DevkitError, errorMessage, systemErrorCode } from "../../base/errors.js";

/** What Podman's API says with status 500, and the status that Docker's has for it. */
const PODMAN_CAUSES: Readonly<Record<string, number>> = {
  "that name is already in use": 409,
  "container state improper": 409,
  "network is not connected": 404,
  "network is being used": 409,
};

/** The HTTP status of dockerode's error; its own `reason` can be wrong. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  if (typeof error.statusCode !== "number") return undefined;
  const cause = error.statusCode === 500 ? saidOf(error, "cause") : undefined;
  return PODMAN_CAUSES[cause ?? ""] ?? error.statusCode;
}

/** A field of the engine's answer. */
function saidOf(error: unknown, field: "message" | "cause"): string | undefined {
  if (!(error instanceof Error) || !("json" in error)) return undefined;
  const { json } = error as { readonly json: unknown };
  if (json === null || typeof json !== "object") return undefined;
  const said = (json as Partial<Record<typeof field, unknown>>)[field];
  return typeof said === "string" ? said.trim() : undefined;
}

/** The engine's own words. */
export function engineMessage(error: unknown): string {
  return saidOf(error, "message") ?? errorMessage(error).trim();
}

/** What is known of failed connections besides what Node says of them. */
const SAID = new WeakMap<Error, { readonly place: EnginePlace; readonly others: () => string[] }>();

const ABSENT = ["ENOENT", "ECONNREFUSED", "ENOTSOCK", "ENOTFOUND", "EHOSTUNREACH"];

/** Remembers of an error which engine was asked, and how to find others; gives the error back. */
export function sayPlace(
  error: unknown,
  { url, from, socket }: EnginePlace,
  others: () => string[],
): unknown {
  if (error instanceof Error) SAID.set(error, { place: { url, from, socket }, others });
  return error;
}

function at(place: EnginePlace | undefined): string {
  return place === undefined ? "" : ` at ${place.url} (${place.from})`;
}

/** Who could not even ask. */
function translateUnreachable(error: unknown): DevkitError | undefined {
  const code = systemErrorCode(error);
  const said = error instanceof Error ? SAID.get(error) : undefined;
  if (code === "EACCES" || code === "EPERM") {
    return new DevkitError(
      "E_ENGINE_PERMISSION",
      `this user may not use the container engine's socket${at(said?.place)}`,
      {
        hint: "add yourself to its group and log in again: sudo usermod -aG docker $USER",
        details: { ...said?.place },
        cause: error,
      },
    );
  }
  if (code !== undefined && ABSENT.includes(code)) {
    const others = (said?.others() ?? []).map((socket) => `export DOCKER_HOST=unix://${socket}`);
    const start =
      "start it (sudo systemctl start docker, or sudo dockerd), install it (sudo apt-get install docker.io), or set DOCKER_HOST";
    return new DevkitError("E_ENGINE_UNAVAILABLE", `no container engine answers${at(said?.place)}`, {
      hint: [start, ...others].join(", or use the other one: "),
      details: { systemCode: code, ...said?.place },
      cause: error,
    });
  }
  return undefined;
}

/** Turns what dockerode threw into ours. `what`: what was being done, on which thing. */
export function translateEngineError(error: unknown, what: string): unknown {
  if (error instanceof DevkitError) return error;
  const unreachable = translateUnreachable(error);
  if (unreachable !== undefined) return unreachable;
  const code = systemErrorCode(error);
  if (code === "ECONNRESET" || code === "EPIPE") {
    return new DevkitError("E_ENGINE_UNAVAILABLE", `the container engine hung up while trying to ${what}`, {
      hint: "it may be restarting: run the same command again",
      cause: error,
    });
  }
  if (error instanceof Error && error.name === "AbortError") return error.cause ?? error;
  const message = engineMessage(error);
  if (/no space left on device/i.test(message)) {
    return new DevkitError("E_DISK_FULL", `cannot ${what}: the engine's disk is full`, {
      hint: "free some space (docker system df shows what takes it) and run the same command again",
      cause: error,
    });
  }
  if (/mount local volume: mount overlay/i.test(message)) {
    return new DevkitError(
      "E_CACHES",
      `cannot ${what}: its caches cannot be mounted: ${lastWords(message)}`,
      {
        hint: "the kernel has to have overlay file systems where XDG_STATE_HOME is; without: [caches] use = []",
        cause: error,
      },
    );
  }
  if (statusOf(error) === undefined) return error;
  return new DevkitError("E_ENGINE", `cannot ${what}: ${message}`, {
    details: { status: statusOf(error) },
    cause: error,
  });
}

const lastWords = (message: string) => message.slice(message.lastIndexOf(":") + 1).trim();

/** Runs engine calls and translates what they throw. */
export async function withEngineErrors<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateEngineError(error, what);
  }
}

/** Waits for a call, and takes answers of these HTTP statuses for success: what was to be done is done already. */
export async function ignoring(statuses: readonly number[], call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!statuses.includes(statusOf(error) ?? 0)) throw error;
  });
}
