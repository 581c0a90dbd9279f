import { expect, test } from "vitest";
import { createLimiter } from "../../../src/base/concurrency.js";
import { createRandom } from "../support/random.js";

/** Jobs that end when told to, and how many run at once. */
function createJobs() {
  const ends = new Map<number, (failure?: Error) => void>();
  const started: number[] = [];
  let most = 0;
  return {
    ends,
    started,
    most: () => most,
    job: (name: number) => () =>
      new Promise<number>((resolve, reject) => {
        started.push(name);
        most = Math.max(most, ends.size + 1);
        ends.set(name, (failure) => {
          ends.delete(name);
          if (failure === undefined) resolve(name);
          else reject(failure);
        });
      }),
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("runs at most so many at once, in the order they came, and all of them", async () => {
  const random = createRandom(5);
  const jobs = createJobs();
  const limit = createLimiter(3);
  const all = Promise.all(Array.from({ length: 50 }, (_, name) => limit(jobs.job(name))));
  while (jobs.started.length < 50 || jobs.ends.size > 0) {
    await settle();
    jobs.ends.get(random.pick([...jobs.ends.keys()]))?.();
  }
  expect(await all).toEqual(Array.from({ length: 50 }, (_, name) => name));
  expect(jobs.started).toEqual(Array.from({ length: 50 }, (_, name) => name));
  expect(jobs.most()).toBe(3);
});

test("a job that fails gives its place to the next, and its failure to its caller", async () => {
  const jobs = createJobs();
  const limit = createLimiter(1);
  const first = limit(jobs.job(1));
  const second = limit(jobs.job(2));
  jobs.ends.get(1)?.(new Error("broken"));
  await expect(first).rejects.toThrow("broken");
  await settle();
  jobs.ends.get(2)?.();
  expect(await second).toBe(2);
});

test("a newcomer does not overtake those that wait, nor slips in beside them", async () => {
  const jobs = createJobs();
  const limit = createLimiter(1);
  const running = [limit(jobs.job(1)), limit(jobs.job(2))];
  jobs.ends.get(1)?.();
  await running[0];
  running.push(limit(jobs.job(3)));
  await settle();
  expect(jobs.started).toEqual([1, 2]);
  jobs.ends.get(2)?.();
  await settle();
  jobs.ends.get(3)?.();
  await Promise.all(running);
  expect(jobs.most()).toBe(1);
});

test("a job that throws before it waits fails alone", async () => {
  const limit = createLimiter(1);
  const failing = limit(() => {
    throw new Error("at once");
  });
  await expect(failing).rejects.toThrow("at once");
  expect(await limit(() => Promise.resolve("next"))).toBe("next");
});
