import type { IncomingMessage } from "node:http";
import type Docker from "dockerode";
import { withEngineErrors } from "./errors.js";

/** In what engines differ, as far as what is asked of them depends on it. */
export interface EngineTraits {
  /** Asked of every one, which takes a millisecond. */
  isPodman(this: void): Promise<boolean>;
  /** It runs as an ordinary user, who is root in its containers. */
  isRootless(this: void): Promise<boolean>;
}

/** The same, asked. */
export interface KnownTraits {
  readonly isPodman: boolean;
  readonly isRootless: boolean;
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

export async function knowTraits({ isPodman, isRootless }: EngineTraits): Promise<KnownTraits> {
  const [podman, rootless] = await Promise.all([isPodman(), isRootless()]);
  return { isPodman: podman, isRootless: rootless };
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

/**
 * Who a user of this machine (`uid:gid`) is in a container. To a rootless engine its own user is root inside, without any
 * right of root's outside; every other number is one of the engine's own, and may not even read the worktree.
 */
export function userInside(user: string, { isRootless: rootless }: Pick<KnownTraits, "isRootless">): string {
  return rootless ? "0:0" : user;
}
