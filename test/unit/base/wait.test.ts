import { expect, test } from "vitest";
import { DevkitError } from "../../../src/base/errors.js";
import { waitFor } from "../../../src/base/wait.js";
import { errorOf, thrownBy } from "../support/temp.js";

const never = () => Promise.resolve(undefined);

test("answers as soon as there is an answer, false and empty ones too", async () => {
  for (const answer of [1, false, "", 0, null]) {
    expect(await waitFor(() => Promise.resolve(answer), { deadlineMs: 0, what: "it" })).toBe(answer);
  }
});

test("looks again until there is one", async () => {
  let looks = 0;
  const probe = () => Promise.resolve((looks += 1) < 4 ? undefined : looks);
  expect(await waitFor(probe, { deadlineMs: 10_000, intervalMs: 1, what: "the fourth look" })).toBe(4);
});

test("gives up at the deadline, and says what it waited for", async () => {
  const error = await errorOf(waitFor(never, { deadlineMs: 30, intervalMs: 5, what: "nothing" }));
  expect(error.code).toBe("E_TIMEOUT");
  expect(error.message).toBe("waited 30 ms for nothing");
});

test("looks once more at the deadline, so that a condition that came true in time counts", async () => {
  let looks = 0;
  const probe = () => Promise.resolve((looks += 1) < 2 ? undefined : "late");
  expect(await waitFor(probe, { deadlineMs: 20, intervalMs: 60, what: "it" })).toBe("late");
});

test("what the probe throws comes out at once", async () => {
  const broken = new Error("broken");
  expect(await thrownBy(waitFor(() => Promise.reject(broken), { deadlineMs: 10_000, what: "it" }))).toBe(
    broken,
  );
});

test("does not look at all when it was aborted before", async () => {
  const reason = new DevkitError("E_INTERRUPTED", "interrupted");
  let looks = 0;
  const waiting = waitFor(() => Promise.resolve((looks += 1)), {
    deadlineMs: 10_000,
    what: "it",
    signal: AbortSignal.abort(reason),
  });
  expect(await thrownBy(waiting)).toBe(reason);
  expect(looks).toBe(0);
});

test("aborted between two looks, it ends at once with the signal's reason", async () => {
  const reason = new DevkitError("E_INTERRUPTED", "interrupted");
  const controller = new AbortController();
  const probe = () => {
    setImmediate(() => {
      controller.abort(reason);
    });
    return never();
  };
  const started = performance.now();
  const options = { deadlineMs: 60_000, intervalMs: 30_000, what: "it", signal: controller.signal };
  expect(await thrownBy(waitFor(probe, options))).toBe(reason);
  expect(performance.now() - started).toBeLessThan(10_000);
});
