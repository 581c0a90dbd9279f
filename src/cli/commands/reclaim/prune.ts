import { problemData, reclaimableData, reclaimText } from "../../../output/views/reclaim.js";
import { RECLAIM_KINDS, type ReclaimKind } from "../../../app/reclaim/reclaim-kinds.js";
import { DevkitError } from "../../../base/errors.js";
import { quoteText } from "../../../base/show-text.js";
import { defineCommand, flag } from "../../command.js";
import { reclaimRequest } from "./reclaim-request.js";

const PATIENCE_MS = 60_000;

export const prune = defineCommand({
  path: "prune",
  summary: "Say what takes room and nobody needs, and with --apply remove it",
  description:
    "Looks at everything devkit keeps, with sizes: what is in the trash longer than 30 days, worktrees with nothing that is not in [project] base, images that nothing uses, caches not used for 30 days, " +
    "and egress logs of agents long gone; as worktrees prune, image prune and cache prune judge it, which also say what stays and why. Nobody's work is removed. " +
    "`devkit repair` is for what is broken or left of killed processes; this is for what is whole and not needed.",
  arguments: [{ syntax: "[kind...]", description: `only these: ${RECLAIM_KINDS.join(", ")}` }],
  options: {
    apply: flag("--apply", "remove it; without, only say what would be removed"),
    trash: flag("--trash", "also all else in the trash, which agent restore cannot bring back afterwards"),
  },
  examples: [
    "devkit prune",
    "devkit prune --apply",
    "devkit prune trash worktree --apply",
    "devkit prune --trash",
  ],
  json: "{ applied, items: [{ kind: trash|worktree|image|cache|log, what, bytes: bytes|null, complete, reason, removed, error: { code, message, hint: string|null }|null }], bytes, complete, problems: [{ kind, code, message, hint: string|null }] }",
  async run({ args, options, deps, shutdown }) {
    const kinds = requireKinds(args);
    const { pruneAll, sizeOf } = await import("../../../app/reclaim/prune-all.js");
    const needs = { ...(await deps.projectDeps()), care: await deps.worktreeCare() };
    const { apply, trash } = options;
    const request = await reclaimRequest(deps, { signal: shutdown.signal, patienceMs: PATIENCE_MS });
    const { items, problems } = await pruneAll(needs, { ...request, kinds, apply, trash });
    const total = sizeOf(items.filter(({ removed }) => removed || !apply));
    const failed = problems.length + items.filter(({ error }) => error !== undefined).length;
    const isAllFailed = failed > 0 && items.every(({ error }) => error !== undefined);
    return {
      data: {
        applied: apply,
        items: items.map(reclaimableData),
        ...{ bytes: total.bytes, complete: total.isComplete },
        problems: problems.map(problemData),
      },
      human: () => reclaimText(items, problems, { applied: apply, total }),
      exitCode: failed === 0 ? 0 : isAllFailed ? 1 : 6,
    };
  },
});

/** All when none is named. @throws DevkitError E_USAGE */
function requireKinds(args: readonly string[]): readonly ReclaimKind[] {
  if (args.length === 0) return RECLAIM_KINDS;
  return args.map((word) => {
    const kind = RECLAIM_KINDS.find((one) => one === word);
    if (kind !== undefined) return kind;
    throw new DevkitError("E_USAGE", `devkit prune knows no ${quoteText(word)}`, {
      hint: `one of these, or none for all: ${RECLAIM_KINDS.join(", ")}`,
    });
  });
}
