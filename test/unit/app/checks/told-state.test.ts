import { expect, test } from "vitest";
import { runChecks } from "../../../../src/app/checks/run-checks.js";
import { createToldChanges } from "../../../../src/app/checks/told-changes.js";
import { createToldState } from "../../../../src/app/checks/told-state.js";
import { verifyCheck } from "../../../../src/app/checks/verify-check.js";
import type { CheckDeps } from "../../../../src/app/ports-checks.js";
import { errorOf } from "../../support/temp.js";

const CHECK = { id: "docs", scope: "src/**", message: "Pages?", severity: "block" } as const;

test("an agent that only tells what is in its files gets told what to write there", async () => {
  const written = new Map<string, string | null>();
  const local = createToldState({ head: "TSK-1\n", topic: "../x" }, (file, text) => written.set(file, text));
  expect([local.head(), local.topic(), local.staged()]).toEqual(["TSK-1", undefined, []]);
  const deps: CheckDeps = {
    checksOf: () => Promise.resolve([CHECK]),
    changesOf: () => Promise.resolve(createToldChanges(["src/a", "b"])),
    local: () => local,
    now: () => new Date("2026-01-01T00:00:00Z"),
  };
  const request = { agent: "agent-1", base: undefined, isCi: false };
  expect(await runChecks(deps, request)).toEqual([
    { check: CHECK, files: ["src/a"], verification: undefined },
  ]);
  await verifyCheck(deps, { agent: "agent-1", id: "docs", message: "they are" });
  expect(JSON.parse(written.get("staged") ?? "")).toMatchObject([
    { check_id: "docs", verified_by: "agent-1" },
  ]);
  expect((await runChecks(deps, request))[0]?.verification?.message).toBe("they are");
  local.setStaged([]);
  local.setHead(undefined);
  local.setTopic("api");
  expect([...written]).toEqual([
    ["staged", null],
    ["head", null],
    ["topic", "api\n"],
  ]);
  expect((await errorOf(runChecks(deps, { ...request, base: "main" }))).code).toBe("E_USAGE");
});

test("more than a file may hold is not there", () => {
  const local = createToldState({ head: `TSK-1${" ".repeat(100)}` }, () => undefined);
  expect(local.head()).toBeUndefined();
});
