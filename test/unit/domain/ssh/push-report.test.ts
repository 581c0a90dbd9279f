import { expect, test } from "vitest";
import { parsePushReport } from "../../../../src/domain/ssh/push-report.js";

const TO = "To git@github.com:team/app.git\n";
const REF = "refs/heads/x:refs/heads/x";

test.each([
  [` \t${REF}\ta1b2c3d..d4e5f6a\nDone\n`, { result: "pushed", from: "a1b2c3d" }],
  [
    `*\t${REF}\t[new branch]\nbranch 'x' set up to track 'origin/x'.\nDone\n`,
    { result: "pushed", from: undefined },
  ],
  [`=\t${REF}\t[up to date]\nDone\n`, { result: "current" }],
  [`!\t${REF}\t[rejected] (fetch first)\nDone\n`, { result: "behind" }],
  [`!\t${REF}\t[rejected] (non-fast-forward)\nDone\n`, { result: "behind" }],
  [
    `!\t${REF}\t[remote rejected] (pre-receive hook declined)\nDone\n`,
    { result: "refused", reason: "pre-receive hook declined" },
  ],
  [`!\t${REF}\t[remote failure]\n`, { result: "refused", reason: "[remote failure]" }],
])("%j", (text, report) => {
  expect(parsePushReport(TO + text)).toEqual(report);
});

test.each([[""], [TO], ["fatal: Could not read from remote repository.\n"]])(
  "nothing of a branch: %j",
  (text) => {
    expect(parsePushReport(text)).toBeUndefined();
  },
);
