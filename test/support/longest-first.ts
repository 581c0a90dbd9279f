import path from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, those first, by what .test-results said on two processors. By themselves they would come in
 * the order of their size, and a long one that starts as the last runs alone.
 */
const LONGEST = [
  "e2e/json-documents",
  "security/custody-files",
  "e2e/removal",
  "security/egress-test-command",
  "e2e/egress",
  "e2e/crash",
  "e2e/bad-input",
  "e2e/ownership",
  "e2e/repositories",
  "e2e/tools",
  "security/custody-bundles",
  "security/custody-refs",
  "security/custody-host",
  "e2e/merge",
  "security/custody",
  "e2e/host-runtime",
  "security/egress",
  "e2e/exec",
  "e2e/heal",
  "e2e/ssh",
  "security/egress-control",
  "security/custody-flood",
  "engine/egress-endurance",
  "engine/egress-container",
  "e2e/terminal",
  "unit/app/custody/removal-crash",
  "unit/broker/race",
  "unit/app/tasks/race",
  "unit/app/custody/sync",
  "unit/adapters/git/hide-gitlinks",
];

const ROOT = path.join(import.meta.dirname, "..");

/** Vitest wants a class. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONGEST.indexOf(path.relative(ROOT, moduleId).replace(/\.test\.ts$/, ""));
  return rank === -1 ? LONGEST.length : rank;
}
