import type Docker from "dockerode";
import path from "node:path";
import type { Readable } from "node:stream";
import tarFs, { type Headers, type Pack } from "tar-fs";
import type { ImageBuild, ImageInfo } from "../../app/ports-engine.js";
import { DevkitError } from "../../base/errors.js";
import { engineMessage, statusOf, translateEngineError, withEngineErrors } from "./errors.js";

const LOG_TAIL_LINES = 40;

/** Colours and cursor movements of the programs in a build; the log is text. */
// eslint-disable-next-line no-control-regex -- control characters are what this removes
const ESCAPES = /\u001b\[[0-9;?]*[a-zA-Z]|[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** One message of the engine's progress stream. */
interface ProgressMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
}

interface ImageConfig {
  readonly Env?: string[] | null;
  readonly Labels?: Record<string, string> | null;
}

export async function findImage(docker: Docker, reference: string): Promise<ImageInfo | undefined> {
  try {
    const found = await docker.getImage(reference).inspect();
    const config = found.Config as ImageConfig | undefined;
    const [env, labels] = [config?.Env ?? [], config?.Labels ?? {}];
    return { id: found.Id, env, architecture: found.Architecture, sizeBytes: found.Size, labels };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw translateEngineError(error, `look at the image ${reference}`);
  }
}

export async function pullImage(
  docker: Docker,
  reference: string,
  onProgress: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const stream = await docker.pull(reference, signal === undefined ? {} : { abortSignal: signal });
    await follow(docker, stream, onProgress);
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    if (statusOf(error) === undefined && !(error instanceof ProgressFailure))
      throw translateEngineError(error, "pull");
    const reason = error instanceof ProgressFailure ? error.message : engineMessage(error);
    throw new DevkitError(
      "E_IMAGE_MISSING",
      `the image ${reference} is not here and cannot be pulled: ${reason}`,
      {
        hint: "without a registry, make the base image on this machine: scripts/base-image",
        details: { image: reference },
        cause: error,
      },
    );
  }
}

export async function buildImage(
  docker: Docker,
  build: ImageBuild,
  onProgress: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const log: string[] = [];
  const note = (line: string) => {
    log.push(line);
    if (log.length > LOG_TAIL_LINES) log.shift();
    onProgress(line);
  };
  try {
    const stream = await docker.buildImage(packContext(build), {
      t: build.tag,
      dockerfile: build.dockerfile,
      buildargs: { ...build.buildArgs },
      labels: { ...build.labels },
      ...(build.target === undefined ? {} : { target: build.target }),
      rm: true,
      forcerm: true,
      ...(build.hostNetwork ? { networkmode: "host" } : {}),
      ...(signal === undefined ? {} : { abortSignal: signal }),
    });
    await follow(docker, stream, note);
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    if (!(error instanceof ProgressFailure) && statusOf(error) === undefined)
      throw translateEngineError(error, "build");
    const reason = error instanceof ProgressFailure ? error.message : engineMessage(error);
    if (/no space left on device/i.test(reason)) throw translateEngineError(error, `build ${build.what}`);
    throw new DevkitError("E_IMAGE_BUILD", `building ${build.what} failed: ${reason}`, {
      hint: "the end of the build log is above; devkit image build shows all of it",
      details: { image: build.tag, excerpt: log.join("\n") },
      cause: error,
    });
  }
  const built = await withEngineErrors("find the image it built", () => docker.getImage(build.tag).inspect());
  return built.Id;
}

/** Not the epoch: archives that a build makes of these files may not be older than 1980. */
const FILE_TIME = new Date(Date.UTC(2000, 0, 1));

/** The context as a tar stream: the wanted files of a directory, entries made in memory, then whole directories. */
function packContext(build: ImageBuild): Readable {
  const map = (header: Headers): Headers => ({ ...header, uid: 0, gid: 0, mtime: FILE_TIME });
  const pack = tarFs.pack(build.contextDir, {
    entries: [...build.files],
    // What is in a directory is named itself where it is wanted.
    ignore: () => true,
    map,
    finalize: false,
    finish(stream) {
      for (const [name, content] of build.entries)
        stream.entry({ name: path.posix.normalize(name), mtime: FILE_TIME }, content);
      packTrees(stream, [...(build.trees ?? [])], map);
    },
  });
  return pack as unknown as Readable;
}

function packTrees(
  stream: Pack,
  [next, ...rest]: readonly (readonly [string, string])[],
  map: (header: Headers) => Headers,
): void {
  if (next === undefined) {
    stream.finalize();
    return;
  }
  const [inside, dir] = next;
  tarFs.pack(dir, {
    pack: stream,
    finalize: false,
    map(header) {
      const mode = (header.mode & 0o755) | (header.type === "directory" ? 0o555 : 0o444);
      return map({ ...header, mode, name: path.posix.join(inside, header.name) });
    },
    finish() {
      packTrees(stream, rest, map);
    },
  });
}

/** The stream said that it failed: a failed build still ends without an HTTP error. */
class ProgressFailure extends Error {}

function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onLine: (line: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: string | undefined;
    docker.modem.followProgress(
      stream,
      (error) => {
        if (error !== null) reject(error);
        else if (failure !== undefined) reject(new ProgressFailure(failure));
        else resolve();
      },
      (message: ProgressMessage) => {
        failure = message.error ?? failure;
        const text =
          message.stream ?? [message.id, message.status].filter((part) => part !== undefined).join(": ");
        for (const line of text.split("\n"))
          if (line.trim() !== "") onLine(line.replaceAll(ESCAPES, "").trimEnd());
      },
    );
  });
}
