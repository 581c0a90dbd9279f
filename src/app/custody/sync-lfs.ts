import path from "node:path";
import { PassThrough } from "node:stream";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { CONTAINER } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import { runInAgent } from "./agent-git.js";
import type { SyncNeeds } from "./sync.js";

/**
 * Brings the files home that an agent committed with git-lfs, before the commits that name them. Their bytes come out of
 * the container, as bundles do, and one that is not what its name says is left behind.
 */
export async function syncLfs(needs: SyncNeeds, observed: ObservedAgent): Promise<void> {
  const { project, state, history, locks } = needs;
  const paths = agentPaths(project, observed.agent);
  const made = await state.listLfsObjects(paths);
  if (made.length === 0) return;
  const store = await history.findLfsStore();
  const news = await store.missing(made);
  if (news.length === 0) return;
  await locks.hold(`sync-${observed.agent.name}`, async () => {
    for (const oid of news) {
      const place = path.posix.join(CONTAINER.git, "lfs/objects", oid.slice(0, 2), oid.slice(2, 4), oid);
      const source = new PassThrough();
      const abort = new AbortController();
      const request = { argv: ["cat", "--", place], stdout: source, signal: abort.signal };
      const sending = runInAgent(needs, observed, request);
      void sending.catch(() => undefined).then(() => source.end());
      try {
        await state.keepLfsObject(source, store.directory, oid);
      } finally {
        abort.abort(new Error("nobody reads it any more"));
        await sending.catch(() => undefined);
      }
    }
  });
}
