import type { IncomingMessage } from "node:http";
import type Docker from "dockerode";
import { DevkitError } from "../../base/errors.js";
import { withEngineErrors } from "./errors.js";

/** In what engines differ, as far as what is asked of them depends on it. */
export interface EngineTraits {
  /** Asked of every one, which takes a millisecond. */
  isPodman(this: void): Promise<boolean>;
  /** It runs as an ordinary user, who is root in its containers. */
  isRootless(this: void): Promise<boolean>;
}

/** Asks the engine what it is when that is needed; it is remembered once it was answered. */
export function createTraits(docker: Docker): EngineTraits {
  return {
    isPodman: remember(async () => /^libpod\//i.test(await askServer(docker))),
    isRootless: remember(async () => {
      const info = await withEngineErrors(
        "ask the engine what it is",
        () => docker.info() as Promise<unknown>,
      );
      return isRootless(info);
    }),
  };
}

/**
 * For whoever makes a container with the user's files in it. To a rootless engine these are root's inside, so that an
 * agent, which has its user's own number, could not even read them. @throws DevkitError E_ENGINE_ROOTLESS
 */
export async function requireRootful({ isRootless }: EngineTraits): Promise<void> {
  if (!(await isRootless())) return;
  throw new DevkitError(
    "E_ENGINE_ROOTLESS",
    "the container engine is rootless: your files are root's in its containers, and agents could not use them",
    {
      hint: "use one that runs as root: unset DOCKER_HOST; docker context use default (docs/engines.md)",
    },
  );
}

/** What the answer to `/info` says. */
export function isRootless(info: unknown): boolean {
  const { SecurityOptions: options } = info as { readonly SecurityOptions?: unknown };
  return Array.isArray(options) && options.some((one) => /^name=rootless(,|$)/.test(String(one)));
}

/** The program that answers: `Docker/20.10.24 (linux)`, `Libpod/4.3.1 (linux)`. */
function askServer(docker: Docker): Promise<string> {
  const { dial } = docker.modem as { dial: Dial };
  const question = { path: "/_ping", method: "GET", isStream: true, statusCodes: { 200: true } };
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      dial.call(docker.modem, question, (error, answer) => {
        if (error instanceof Error) {
          reject(error);
          return;
        }
        answer?.resume();
        resolve(String(answer?.headers["server"] ?? ""));
      });
    });
  return withEngineErrors("ask the engine what it is", ask);
}

type Dial = (question: object, answer: (error: unknown, answer?: IncomingMessage) => void) => void;

/** Not a failure: the engine may be starting just now. */
function remember<T>(ask: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return async () => {
    try {
      return await (known ??= ask());
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
}
