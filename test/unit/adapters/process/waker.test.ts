import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { createWaker } from "../../../../src/adapters/fs/waker.js";
import { waitFor } from "../../../../src/base/wait.js";
import { bundleProgram, startProgram } from "../../support/child.js";
import { tempDir } from "../../support/temp.js";

const PROGRAM = path.join(import.meta.dirname, "waker-program.ts");
let [file, made] = ["", ""];

beforeEach(async () => {
  const dir = await tempDir();
  await mkdir(path.join(dir, "notes"));
  [file, made] = [path.join(dir, "notes/.waker"), path.join(dir, "made")];
});

/** Times for which somebody waits, each in a session of its own; who leads none is in that of one who does, to ask for the time. */
function waiting(): string[] {
  const found = readdirSync("/proc").flatMap((pid) => {
    try {
      const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      if (argv[3] !== "devkit-waker" || argv[4] !== file) return [];
      const session = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[3];
      return [{ pid, session, time: argv[5] ?? "" }];
    } catch {
      return [];
    }
  });
  const leaders = found.filter(({ pid, session }) => pid === session);
  const isLed = ({ session }: { session: string | undefined }) => leaders.some(({ pid }) => pid === session);
  const others = found.filter((one) => !isLed(one)).map(() => "in somebody's session");
  return [...leaders.map(({ time }) => time), ...others];
}

const inMs = (ms: number) => new Date(Date.now() + ms);
const secondsOf = (at: Date) => String(Math.ceil(at.getTime() / 1000));
const until = (what: string, condition: () => boolean) =>
  waitFor(() => Promise.resolve(condition() ? true : undefined), { deadlineMs: 10_000, what });

test("one waits for all, the earliest time counts, and nobody once it is said to be over", async () => {
  const waker = createWaker(file);
  const [late, early] = [inMs(7_200_000), inMs(3_600_000)];
  await waker.wake(["touch", made], late);
  await waker.wake(["touch", made], early);
  await waker.wake(["touch", made], late);
  expect(waiting()).toEqual([secondsOf(early)]);
  await waker.end();
  await until("nobody to wait", () => waiting().length === 0);
  expect([existsSync(file), existsSync(made)]).toEqual([false, false]);
});

test("who waits outlives its maker, in a session of its own, and its file is gone before the command", async () => {
  const child = startProgram(await bundleProgram(PROGRAM), file, made, "1500");
  await child.said("ready");
  expect(waiting().map((time) => /^\d+$/.test(time))).toEqual([true]);
  child.process.kill("SIGKILL");
  await child.ended;
  await until("the command", () => existsSync(made));
  expect([existsSync(file), waiting()]).toEqual([false, []]);
});

test("a file of somebody long gone, or of a killed devkit, is no reason not to wait", async () => {
  const waker = createWaker(file);
  await waker.wake(["touch", made], inMs(-1000));
  await until("the command", () => existsSync(made));
  await waker.wake(["true"], inMs(3_600_000));
  expect(waiting().length).toBe(1);
  await waker.end();
});
