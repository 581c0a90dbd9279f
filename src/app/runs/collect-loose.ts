import { Readable, Transform, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DevkitError } from "../../base/errors.js";
import { formatSize } from "../../base/sizes.js";
import { quoteText } from "../../base/show-text.js";
import type { RawPath } from "../../domain/custody/raw-path.js";
import { agentPaths } from "../../domain/identity/project.js";
import { observe } from "../agents/observe.js";
import { runInAgent } from "../custody/agent-git.js";
import type { CollectRequest } from "./collect.js";
import type { RunDeps } from "./run-deps.js";

/** What a proof takes of either at most, and of changes that are in no commit; what is more is in the trash. */
export const PROOF_LIMIT = 256 * 1024 ** 2;
/** An agent can have put anything there. */
const DEADLINE_MS = 120_000;

/** Holes stay holes: a file can say that it is larger than any disk. */
const TAR = ["tar", "--create", "--file=-", "--sparse", "--null", "--verbatim-files-from", "--files-from=-"];

/** A stash is a commit that only a log knows: each gets a ref for as long as it is written. */
const STASHES = `base=$1
each() { git for-each-ref --format="$1 %(refname)" refs/devkit/stash; }
forget() { each delete | git update-ref --stdin; }
trap forget EXIT
at=0
for oid in $(git stash list --format=%H); do
  git update-ref "refs/devkit/stash/$at" "$oid" || exit
  at=$((at + 1))
done
git bundle create -q - --glob=refs/devkit/stash --not "$base"`;

/**
 * Writes an archive of what an agent has left that git does not track. A program in a container of the agent's settings
 * reads it, as no program of the host reads what an agent may have made of names, links and sizes. Undefined: there is nothing.
 */
export async function writeUntracked(
  deps: RunDeps,
  request: CollectRequest,
  untracked: readonly RawPath[],
): Promise<string | undefined> {
  if (untracked.length === 0) return undefined;
  const names = Buffer.from(untracked.map((name) => `${name}\0`).join(""), "latin1");
  return writeFrom(deps, request, { name: "untracked.tar", argv: TAR, stdin: Readable.from([names]) });
}

/** Writes a bundle of its stashes, newest first: `refs/devkit/stash/0` and so on. Undefined: there is none. */
export async function writeStashes(deps: RunDeps, request: CollectRequest): Promise<string | undefined> {
  const { stashes } = await deps.state.readActivity(agentPaths(deps.project, request.agent));
  if (stashes === 0) return undefined;
  const argv = ["/bin/sh", "-c", STASHES, "devkit", request.base];
  return writeFrom(deps, request, { name: "stashes.bundle", argv, stdin: undefined });
}

interface Source {
  readonly name: string;
  readonly argv: readonly string[];
  readonly stdin: Readable | undefined;
}

/** What is not whole is not there. */
async function writeFrom(
  deps: RunDeps,
  { agent, proof }: CollectRequest,
  { name, argv, stdin }: Source,
): Promise<string | undefined> {
  const observed = (await observe(deps)).find((one) => one.agent.name === agent.name);
  if (proof === undefined || observed === undefined) return undefined;
  const file = `agents/${agent.name}/${name}`;
  const abort = new AbortController();
  const stdout = createLimiter(name);
  const isWritten = pipeline(stdout, await proof.open(file)).catch((error: unknown) => {
    abort.abort(error);
    throw error;
  });
  isWritten.catch(() => undefined);
  const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(DEADLINE_MS)]);
  try {
    const request = { argv, stdout, inWorktree: true, signal, ...(stdin === undefined ? {} : { stdin }) };
    const { exitCode, complaint } = await runInAgent(deps, observed, request);
    if (exitCode !== 0) throw new DevkitError("E_FILE", `it failed: ${quoteText(complaint)}`);
    stdout.end();
    await isWritten;
    return file;
  } catch (error) {
    stdout.destroy();
    await isWritten.catch(() => undefined);
    await proof.remove(file);
    throw abort.signal.aborted ? abort.signal.reason : error;
  }
}

function createLimiter(name: string): Writable & Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= PROOF_LIMIT) done(null, chunk);
      else done(new DevkitError("E_FILE", `${name} would be larger than ${formatSize(PROOF_LIMIT)}`));
    },
  });
}
