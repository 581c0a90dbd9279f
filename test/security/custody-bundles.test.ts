import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openArena, type Arena } from "./attack.js";
import { bombBundle, zerosBundle, type HostileBundle } from "./hostile-packs.js";
import { createAttack } from "./hostile-agent.js";

/** What an agent sends instead of a bundle; each of these has to be refused, soon, and must leave nothing behind. */
interface Sending {
  readonly name: string;
  /** Bash that prints it; `$OID` and `$REF` are the agent's branch. */
  readonly prints: string;
}

const HEADER = `printf '# v2 git bundle\\n%s %s\\n\\n' $OID $REF`;
const PACK = `echo $OID | git.real --git-dir=/devkit/git pack-objects --revs --stdout -q`;

const SENDINGS: readonly Sending[] = [
  { name: "nothing", prints: "true" },
  { name: "no bundle at all", prints: "head -c 3000000 /dev/urandom" },
  {
    name: "a header without end",
    prints: `${HEADER}; yes '-0000000000000000000000000000000000000001 x' | head -c 50M`,
  },
  { name: "a pack that is cut off", prints: `${HEADER}; ${PACK} | head -c 200` },
  { name: "a pack whose checksum is wrong", prints: `${HEADER}; ${PACK} | head -c -1; printf x` },
  { name: "a pack with bytes flipped", prints: `${HEADER}; ${PACK} | sed 's/x/y/g;s/a/b/g'` },
  {
    name: "a pack that promises four billion objects",
    prints: `${HEADER}; printf 'PACK\\0\\0\\0\\2\\377\\377\\377\\377'; head -c 1M /dev/zero`,
  },
  {
    name: "another commit than it was asked for",
    prints: "git.real --git-dir=/devkit/git bundle create -q - main",
  },
  {
    name: "a bundle that promises the rest for later",
    prints: `printf '# v3 git bundle\\n@filter=blob:none\\n%s %s\\n\\n' $OID $REF; ${PACK}`,
  },
  { name: "a bundle without end", prints: `${HEADER}; while head -c 10M /dev/zero; do sleep 0.1; done` },
];

/** Answers that never end, at no cost to the agent. */
const WAITS: readonly Sending[] = [
  { name: "no answer", prints: "sleep infinity" },
  { name: "an answer that comes drop by drop", prints: "while printf x; do sleep 1; done" },
  {
    name: "a bundle that comes drop by drop",
    prints: `${HEADER}; printf 'PACK\\0\\0\\0\\2\\0\\0\\0\\1'; while printf x; do sleep 1; done`,
  },
];

let arena: Arena;
const bystander = SENDINGS.length + WAITS.length + 3;

beforeAll(async () => {
  arena = await openArena(await createAttack(bystander), bystander);
});

afterAll(() => arena.remove());

const branchOf = (index: number) => `refs/heads/agent/agent-${String(index)}/idle`;

/** The agent's branch is where the bundle says, and the bundle lies in its home. */
async function send(index: number, { oid, bytes }: HostileBundle): Promise<void> {
  const home = path.join(arena.agentsState, `agent-${String(index)}`, "home");
  await writeFile(path.join(home, "sent.bundle"), bytes);
  await arena.asAgent(index, `echo ${oid} >/devkit/git/${branchOf(index)}`);
  await arena.answerBundle(index, "cat /home/agent/sent.bundle");
}

describe("what is sent in place of a bundle", () => {
  test.each(SENDINGS.map((sending, position) => ({ ...sending, index: position + 1 })))(
    "$name is refused",
    async ({ index, prints }) => {
      const before = await arena.git("rev-parse", branchOf(index));
      const made = "echo new >new; git add new; git commit -qm c; git rev-parse HEAD";
      const oid = (await arena.asAgent(index, made)).stdout;
      await arena.answerBundle(index, `OID=${oid} REF=${branchOf(index)}\n${prints}`);
      expect((await arena.ask("agent", "sync", String(index))).exitCode).not.toBe(0);
      expect(await arena.git("rev-parse", branchOf(index))).toBe(before);
      await arena.expectUnharmed();
    },
  );

  test("a file of 3 GiB of zeros in 3 MB is taken or refused, in time", async () => {
    const index = SENDINGS.length + 1;
    await send(index, zerosBundle(branchOf(index)));
    await arena.ask("agent", "sync", String(index));
    await arena.expectUnharmed();
  });

  test("ten million files in a kilobyte cost the host nothing", async () => {
    const index = SENDINGS.length + 2;
    await send(index, bombBundle(branchOf(index), 10, 7));
    await arena.ask("agent", "sync", String(index));
    await arena.ask("agent", "status", String(index));
    await arena.expectUnharmed();
  });

  test.each(WAITS.map((wait, position) => ({ ...wait, index: SENDINGS.length + 3 + position })))(
    "a look at the agents does not wait for ever for $name",
    async ({ index, prints }) => {
      const oid = (await arena.asAgent(index, "git commit -q --allow-empty -m c; git rev-parse HEAD")).stdout;
      await arena.answerBundle(index, `OID=${oid} REF=${branchOf(index)}\n${prints}`);
      await arena.ask("agent", "list");
      await arena.answerBundle(index, "exit 1");
      await arena.expectUnharmed();
    },
  );

  test("nobody else waits for it", async () => {
    const script = "git commit -q --allow-empty -m mine";
    expect((await arena.inside(bystander, script)).exitCode).toBe(0);
    expect((await arena.ask("agent", "sync", String(bystander))).exitCode).toBe(0);
  });
});
