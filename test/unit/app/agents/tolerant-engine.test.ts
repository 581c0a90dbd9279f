import { expect, test } from "vitest";
import { tolerantEngine } from "../../../../src/app/agents/tolerant-engine.js";
import type { Engine } from "../../../../src/app/ports-engine.js";
import type { ErrorCode } from "../../../../src/base/error-codes.js";
import { DevkitError } from "../../../../src/base/errors.js";

const failing = (code: ErrorCode) => {
  const fail = () => Promise.reject(new DevkitError(code, "no answer"));
  return {
    listContainers: fail,
    listNetworks: fail,
    listLooseVolumes: fail,
    info: fail,
  } as unknown as Engine;
};
const engine = (code: ErrorCode, isFine = true) =>
  tolerantEngine(failing(code), () => Promise.resolve(isFine));

test("an engine that does not answer has nothing of a project that needs none", async () => {
  const absent = engine("E_ENGINE_UNAVAILABLE");
  expect(await absent.listContainers("agent", "demo")).toEqual([]);
  expect(await absent.listNetworks("demo")).toEqual([]);
  expect(await absent.listLooseVolumes("demo")).toEqual([]);
  expect(await engine("E_ENGINE_PERMISSION").listContainers("agent", "demo")).toEqual([]);
});

test("all else is told: of all projects, other questions, other failures, a project that needs it", async () => {
  const absent = engine("E_ENGINE_UNAVAILABLE");
  await expect(absent.listContainers("agent", undefined)).rejects.toMatchObject({
    code: "E_ENGINE_UNAVAILABLE",
  });
  await expect(absent.info()).rejects.toMatchObject({ code: "E_ENGINE_UNAVAILABLE" });
  await expect(engine("E_ENGINE").listNetworks("demo")).rejects.toMatchObject({ code: "E_ENGINE" });
  const needed = engine("E_ENGINE_UNAVAILABLE", false);
  await expect(needed.listContainers("agent", "demo")).rejects.toMatchObject({
    code: "E_ENGINE_UNAVAILABLE",
  });
});
