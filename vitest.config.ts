import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const project = (name: string, overrides: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], environment: "node", ...overrides },
});

/** Tests against the real engine share one machine: long limits, few at once. */
const real = {
  testTimeout: 120_000,
  hookTimeout: 600_000,
  maxWorkers: 2,
  globalSetup: ["test/support/real-setup.ts"],
};

export default defineConfig({
  test: {
    projects: [
      // By itself Vitest leaves one processor idle, which on two is half of the machine.
      project("unit", { testTimeout: 20_000, maxWorkers: availableParallelism() }),
      project("engine", real),
      project("e2e", real),
      project("security", real),
    ],
  },
});
