import { afterAll, vi } from "vitest";

// The files of the suite share processes, because starting one takes longer than most of them. They share nothing else:
// every file gets modules of its own, and the variables as they were.
vi.resetModules();
const env = { ...process.env };

afterAll(() => {
  for (const name of Object.keys(process.env)) {
    if (!(name in env)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, env);
});
