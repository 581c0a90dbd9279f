// Sums the JSON results that vitest left in a folder and prints `N passed, N failed, N skipped`.
// Usage: node scripts/test-summary.mjs [FOLDER]. Exits 1 if anything failed, or if no test ran.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? ".test-results";

/** A file that broke before its first test counts as one failure: vitest itself counts no test there. */
const brokenFiles = (result) =>
  result.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;

const count = (path) => {
  const result = JSON.parse(readFileSync(path, "utf8"));
  const failed = result.numFailedTests + brokenFiles(result);
  return {
    passed: result.numPassedTests,
    // An unhandled error fails the run without failing a test.
    failed: failed === 0 && !result.success ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
};

const readCount = (path) => {
  try {
    return count(path);
  } catch (error) {
    console.error(`${path}: not a result of vitest: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
};

const listResults = () => {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return []; // nothing ran
  }
};

const total = { passed: 0, failed: 0, skipped: 0 };
for (const name of listResults()) {
  const counts = readCount(join(folder, name));
  for (const key of Object.keys(total)) total[key] += counts[key];
}

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
