import type { MoveRefs } from "../../app/ports-history.js";
import { createLimiter } from "../../base/concurrency.js";
import { decideRef, type Ancestry, type RefMove, type RefUpdate } from "../../domain/custody/sync-plan.js";
import { askGit, ownObjects, tryGit, type ObjectView } from "./object-view.js";

/** Questions to git at once; each is a short process. */
const AT_ONCE = 4;

/** Moves refs to commits that are here; every ref gets an answer, and one that cannot move holds up no other. */
export async function moveRefs(commonDir: string, request: MoveRefs): Promise<RefMove[]> {
  const view = ownObjects(commonDir);
  const limit = createLimiter(AT_ONCE);
  const decide = (update: RefUpdate) => limit(() => decideMove(view, update, request));
  const decided = await Promise.all(request.updates.map(decide));
  const blocked = await apply(
    view,
    decided.filter((move) => move.result === "moved"),
  );
  return decided.map((move): RefMove => {
    const reason = blocked.get(move.to);
    return reason === undefined ? move : { ...move, result: "refused", reason };
  });
}

async function decideMove(view: ObjectView, update: RefUpdate, { held, keepAs }: MoveRefs): Promise<RefMove> {
  const { hostOid, oid, to } = update;
  const ancestry = hostOid === undefined ? "forward" : await compare(view, hostOid, oid);
  const decision = decideRef(update, ancestry);
  if (decision === "give" || decision === "diverged") return { ...update, result: decision };
  const reason = held.get(to);
  if (reason !== undefined) return { ...update, result: "refused", reason };
  const isKept = decision === "rewrite" && hostOid !== undefined;
  return { ...update, result: "moved", ...(isKept ? { keptAs: keepAs(to, hostOid) } : {}) };
}

async function compare(view: ObjectView, host: string, agent: string): Promise<Ancestry> {
  const counts = await askGit(view, ["rev-list", "--left-right", "--count", `${host}...${agent}`]);
  const [onHost, inAgent] = counts.trim().split(/\s+/);
  if (onHost === "0") return "forward";
  return inAgent === "0" ? "behind" : "diverged";
}

/** Answers what could not be moved, and why. All at once; when that fails, halves of it, so that only the culprits stay. */
async function apply(view: ObjectView, moves: readonly RefMove[]): Promise<Map<string, string>> {
  if (moves.length === 0) return new Map();
  const args = ["update-ref", "--no-deref", "-m", "devkit: commits of the agent", "-z", "--stdin"];
  const { exitCode, stderr } = await tryGit(view, args, moves.map(toCommands).join(""));
  if (exitCode === 0) return new Map();
  const [only, ...others] = moves;
  if (only !== undefined && others.length === 0) return new Map([[only.to, reasonOf(stderr)]]);
  const middle = Math.ceil(moves.length / 2);
  const first = await apply(view, moves.slice(0, middle));
  const second = await apply(view, moves.slice(middle));
  return new Map([...first, ...second]);
}

/** Only if it still is where it was looked at; an old value of zeros means that it must not exist. */
function toCommands({ to, oid, hostOid, keptAs }: RefMove): string {
  const move = `update ${to}\0${oid}\0${hostOid ?? "0".repeat(oid.length)}\0`;
  return keptAs === undefined ? move : `update ${keptAs}\0${hostOid ?? ""}\0\0${move}`;
}

function reasonOf(stderr: string): string {
  const line = stderr.split("\n").find((one) => one !== "") ?? "git does not say why";
  return line.replace(/^fatal: /, "").slice(0, 300);
}
