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
      project("unit", { testTimeout: 20_000 }),
      project("engine", real),
      project("e2e", real),
      project("security", real),
    ],
  },
});
