import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.js";

// With this variable every node reads all certificates when it starts: 40 ms of processor time, for each of the thousands
// of devkits and workers. devkit itself and what it builds look at either variable.
const { NODE_EXTRA_CA_CERTS: extra, SSL_CERT_FILE: bundle } = process.env;
if (extra === bundle) delete process.env["NODE_EXTRA_CA_CERTS"];

const project = (name: string, overrides: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], environment: "node", ...overrides },
});

/** Tests against the real engine share one machine: long limits, few at once, and one more than two processors as they wait for it. */
const real = {
  testTimeout: 120_000,
  hookTimeout: 600_000,
  maxWorkers: 3,
  sequence: { groupOrder: 1 },
  globalSetup: ["test/support/real-setup.ts"],
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      project("unit", {
        // Far more than any takes: what is slow on a busy machine is not wrong.
        testTimeout: 60_000,
        hookTimeout: 60_000,
        // By itself Vitest leaves one processor idle, which on two is half of the machine.
        maxWorkers: availableParallelism(),
        isolate: false,
        setupFiles: ["test/unit/support/fresh-modules.ts"],
      }),
      project("engine", real),
      project("e2e", real),
      project("security", real),
    ],
  },
});
